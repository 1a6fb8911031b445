"""A draft with margin notes. It is read in memory, or in a folder that is gone before the page is sent."""
