"""Adding and removing holidays: what already lies in them, and what becomes of it. The API and the pages enter here."""
