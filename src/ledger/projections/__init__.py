"""What can be asked: views of the log, built by projections in batches, each with the checkpoint it was built up to."""
