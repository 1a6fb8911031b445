"""An organisation's single sign-on for tests: a small project of its own, with a real OpenID Connect provider."""
