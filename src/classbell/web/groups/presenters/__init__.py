"""Rows as pages show them: finished values, worked out from the row and the reader."""
