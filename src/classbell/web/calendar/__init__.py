"""Pages about when: week, calendar, feed."""
