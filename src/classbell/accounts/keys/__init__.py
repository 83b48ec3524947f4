"""API keys: how programs of the school are let in. docs/api-keys.md says what they may."""
