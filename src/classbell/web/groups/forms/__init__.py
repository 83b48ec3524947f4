"""What people type into pages: checked for sense here, for the rules in the services."""
