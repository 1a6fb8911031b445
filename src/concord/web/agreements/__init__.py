"""Who shares what with whom, for what, until when; what stops; what was disclosed."""
