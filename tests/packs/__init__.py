"""Reading, checking and comparing packs."""
