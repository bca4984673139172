"""Runs for people: the page and the workbook."""
