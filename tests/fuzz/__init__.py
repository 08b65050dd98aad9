"""Fuzzing: hostile input by the million, each put to the same few laws. See README.md."""
