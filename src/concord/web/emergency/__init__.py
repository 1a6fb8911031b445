"""Opening a record in an emergency, and the second person who reviews it."""
