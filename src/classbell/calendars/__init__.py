"""Teachers' own calendars: when they are busy elsewhere is known here, and their sessions stand there."""
