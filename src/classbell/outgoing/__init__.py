"""Going to addresses that people typed: only those of the internet, within a time."""
