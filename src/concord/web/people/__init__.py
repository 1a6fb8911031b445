"""One person, as far as this viewer may know."""
