"""The one command, `concord`. Each sub-command is a module under `commands`, imported only when it is called."""
