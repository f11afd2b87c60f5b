"""The job on the page: starting it, following it, and what it will take."""
