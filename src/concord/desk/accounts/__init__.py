"""People who sign in, their roles and where they sit."""
