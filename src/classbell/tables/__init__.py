"""Tables that people hand in: CSV in whatever shape programs write it, XLSX, or pasted. One reader for all of them."""
