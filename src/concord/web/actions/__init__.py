"""What agencies took on: mine, my agency's, and what became of each."""
