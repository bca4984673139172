"""Tables that only a rule of the backlog needs."""

from __future__ import annotations

from firmdate.data.allocation_tables import ALLOCATION_TABLES
from firmdate.data.substitution_tables import SUBSTITUTION_TABLES

RULE_TABLES = SUBSTITUTION_TABLES + ALLOCATION_TABLES
