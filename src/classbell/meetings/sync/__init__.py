"""Making specs true at Zoom, within its limits and through its outages."""
