"""The control API below `/sim`."""
