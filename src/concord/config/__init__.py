"""Settings, the database server and the web server: everything an installation chooses."""
