"""Value types every floor shares. Standard library only."""
