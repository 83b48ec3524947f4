"""What Zoom recorded of sessions: known here, watched through us, deleted in time."""
