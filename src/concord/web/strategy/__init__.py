"""The strategy on one page a theme: what for, how we would know, what is being done, by whom, with what money."""
