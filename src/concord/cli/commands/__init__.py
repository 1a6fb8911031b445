"""One module per sub-command; its `command` is what runs."""
