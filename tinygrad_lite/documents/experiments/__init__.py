"""Claims of the documents that an experiment decides."""
