"""Pages about circles: `browse` to look and to join, `edit` for the schedule, `sittings` for one of them, `people`."""
