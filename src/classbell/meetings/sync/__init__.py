"""Making wishes true at Zoom, within its limits and through its outages."""
