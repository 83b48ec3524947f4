"""Who changed what: reading the history that the database keeps (classbell.history)."""
