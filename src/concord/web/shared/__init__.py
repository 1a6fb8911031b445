"""What every screen shares: the frame of a page, GOV.UK components, forms, words for time, who is looking."""
