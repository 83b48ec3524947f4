"""Who was in a meeting, and when: runs, people's stays, whose account each participant belongs to."""
