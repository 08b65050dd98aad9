"""Filters of the templates; there without loading."""
