"""The model: its rules on one page, and their expansion to arrays."""
