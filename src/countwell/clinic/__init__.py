"""The clinic: a web application over the same answers. It stores, shows and carries; nothing in it decides."""
