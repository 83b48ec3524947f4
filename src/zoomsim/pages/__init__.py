"""What people look at: the dashboard, and the doors and rooms of meetings."""
