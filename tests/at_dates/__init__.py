"""Running tests as if today were another date."""
