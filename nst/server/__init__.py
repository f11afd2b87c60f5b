"""What a server of the page is made of beside the page: settings, the decoder of strangers' files, metrics, logs."""
