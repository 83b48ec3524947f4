"""Pages about classes: `browse` to look, `edit` to change, `planning` for their meetings."""
