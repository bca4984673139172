"""Planning data: the schema, reading from and writing to files and databases, and checking."""
