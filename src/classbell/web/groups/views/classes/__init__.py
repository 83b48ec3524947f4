"""Pages about classes: `browse` to look, `edit` to change, `people` for who is in them, `planning` for their meetings."""
