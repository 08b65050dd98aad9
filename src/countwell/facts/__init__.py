"""From a record to facts: one value per fact, as of an instant."""
