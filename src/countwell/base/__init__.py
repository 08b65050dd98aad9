"""What everything rests on and what knows nothing of medicine: errors, the clock, dates, spans."""
