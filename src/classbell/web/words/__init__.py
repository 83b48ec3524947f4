"""How states, rules and moments are said to people."""
