"""Measures told to people: what was counted of what, as tables, pictures, one HTML file and lines for the terminal."""
