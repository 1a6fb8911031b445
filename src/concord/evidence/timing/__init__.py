"""When: local clock time, how exactly it is known, what a form filled in, school days, and what has yet to arrive."""
