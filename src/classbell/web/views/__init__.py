"""One module per page: a request in, finished values to a template out."""
