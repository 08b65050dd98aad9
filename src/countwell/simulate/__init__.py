"""Synthetic patients, for the demonstration, the tests and the alert burden."""
