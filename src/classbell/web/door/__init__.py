"""The open door's pages: those that anybody sees, and those on which the school and its teachers say what is shown."""
