"""Pages about who was there: the live board, verdicts, rules, reports."""
