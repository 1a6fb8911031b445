"""Jobs: where the rooms of the evidence side are called in order, and where the desk's own extract is written."""
