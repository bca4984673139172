"""Fair share for the rules: who has got how much up to which day, and the part that everybody has."""

from __future__ import annotations

import numpy as np

from firmdate.formulation.builder import Builder
from firmdate.network.network import Network


def add_fair_shares(b: Builder, network: Network) -> None:
    """Declare what the rules of fair share name.

    Args:
        b: Declarations so far.
        network: All sets with their data.
    """
    shares = network.fair_shares
    rows, groups = np.arange(len(shares)), np.arange(len(shares.group_level))
    b.index("SHARERS", len(rows), "Who shares × day")
    b.index("SHARE_GROUPS", len(groups), "Those who share × day")
    later = np.flatnonzero(shares.previous >= 0)
    b.relate("SHARER_BEFORE", "SHARERS", "SHARERS", later, shares.previous[later], "The day before")
    b.relate("SHARER_DELIVERIES", "SHARERS", "DELIVERIES", *shares.delivery, "Deliveries of the day")
    b.relate("SHARER_GROUP", "SHARERS", "SHARE_GROUPS", rows, shares.row_group, "The group of the day")
    b.number("share_base", "SHARERS", shares.base, "What units are measured by: demand, target or 1")
    order = b.relate("SHARE_GROUPS_OF", "TIERS", "SHARE_GROUPS", shares.group_level, groups, "Groups of a tier")
    b.paired("share_weight", "SHARE_GROUPS_OF", np.ones(len(order)), "1 for every group and day")
    b.variable("Filled", "SHARERS", "Units got up to the end of a day", shares.most)
    b.variable("CommonPart", "SHARE_GROUPS", "Part that everybody of a group has", shares.group_most)
