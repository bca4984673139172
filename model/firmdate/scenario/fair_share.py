"""The block of a scenario that shares out what is short."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from firmdate.scenario.rules import Block, Count
from firmdate.scenario.values import choice_of


class FairShare(Block):
    """How lines of one tier and priority share what is too little for all of them.

    Attributes:
        rule: What is made equal: the filled part of the demand that is due (``proportional``) or of all demand
            (``coverage``), the part of the target (``target``), or the units (``even``).
        tiers: Tiers that share; all of them when left out.
        between: Stocking points of an item, or single lines.
    """

    rule: Annotated[
        Literal["proportional", "coverage", "target", "even"],
        choice_of("proportional", "coverage", "target", "even"),
    ] = Field(description="proportional: to what is due; coverage: equal days; target: equal part of it; even: units")
    tiers: tuple[Count, ...] = Field(default=(), description="Tiers that share; all when left out")
    between: Annotated[Literal["locations", "lines"], choice_of("locations", "lines")] = Field(
        default="locations", description="Who shares: the locations of an item, or single order lines"
    )
