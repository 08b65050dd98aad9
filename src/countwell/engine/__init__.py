"""What runs, proves and tells the rules of a pack."""
