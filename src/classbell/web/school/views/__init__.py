"""A request in, finished values to a template out."""
