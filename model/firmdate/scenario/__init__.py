"""The scenario: its schema, reading it from YAML with the place of every value, and applying its changes."""
