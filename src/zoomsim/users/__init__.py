"""Users, their settings and the hosts of the start."""
