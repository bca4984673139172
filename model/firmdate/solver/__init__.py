"""HiGHS, level by level and block by block."""
