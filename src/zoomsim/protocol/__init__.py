"""How Zoom's API speaks: bodies and what is read of them, refusals, lists in pages, days."""
