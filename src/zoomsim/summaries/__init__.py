"""What the AI Companion makes of a meeting."""
