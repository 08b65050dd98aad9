"""Reading and writing what the clinic keeps. Views go through here; nothing else touches a table."""
