"""Sign-in: choosing an invented person in a demonstration; passwords with a second factor, or single sign-on."""
