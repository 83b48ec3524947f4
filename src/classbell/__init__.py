"""Live teaching on Zoom: timetables, bookings, meetings kept true, attendance."""

__version__ = "0.1.0"
