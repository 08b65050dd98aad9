"""A demonstration clinic: invented patients in the real store, one account for each role, and a check of the whole."""
