"""The cohort pass on a Spark cluster: one task for each row group of a store, the same answers as one process gives."""
