"""Solving a scenario from file to plan, the run store, and batches."""
