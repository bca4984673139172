"""The block of a scenario that says who may get substitutes."""

from __future__ import annotations

from pydantic import Field

from firmdate.scenario.rules import Block, Flag


class Substitution(Block):
    """Who may get what stands in for an item, by the table ``substitutions``.

    Attributes:
        lines: Permission of order lines whose own cell ``substitution`` is blank.
        components: Makes may take substitutes of their components.
    """

    lines: Flag = Field(default=False, description="Permission of order lines that do not say it themselves")
    components: Flag = Field(default=False, description="Makes may take substitutes of their components")
