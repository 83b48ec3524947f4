"""A stand-in for Zoom's Meeting SDK for web: the script that pages load, and what it asks the simulator."""
