"""Pages about circles: `browse` to look and to join, `edit` for the schedule, `occurrences` for one of them, `people`."""
