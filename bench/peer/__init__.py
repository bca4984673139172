"""Cases in the schema ``neutral-supply-plan/1``: read, turn into planning data, and compare with the expected plan."""
