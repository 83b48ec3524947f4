"""What all pages share: parts, forms, weeks, undo, requests, charts, icons."""
