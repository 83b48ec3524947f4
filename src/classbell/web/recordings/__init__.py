"""Pages about what was recorded: watching it, keeping and deleting it, and the rules of who may."""
