"""The way in: who may enter in which role, who is registered, and a room elsewhere if Zoom has none."""
