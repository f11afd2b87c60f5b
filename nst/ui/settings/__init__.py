"""The sidebar: every setting, as it is edited."""
