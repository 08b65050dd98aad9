"""Reads, checks and compares packs. Knows what a rule looks like, and nothing of patients or of how rules are run."""
