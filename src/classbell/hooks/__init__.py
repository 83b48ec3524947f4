"""Webhooks: programs of the school are told what happens. docs/webhooks.md says how they take it in."""
