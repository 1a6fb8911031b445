"""Who looked: reads, searches and changes with their reasons, and whether the trail is whole."""
