"""Where people are signed in, and how often anybody may try to be."""
