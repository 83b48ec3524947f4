"""What is done to calls before they are answered: limits, faults, counts."""
