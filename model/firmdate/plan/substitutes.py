"""What was shipped or built in instead of what, and from where: substitutes and other locations of a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.network.activities import ActivityKind
from firmdate.network.horizon import BoolArray, FloatArray, IntArray
from firmdate.network.network import Network
from firmdate.network.relations import pairs
from firmdate.network.substitutes import substitute_ratio
from firmdate.plan.executed import Executed
from firmdate.plan.orders import order_names
from firmdate.plan.promise import serve_in_order
from firmdate.plan.result import RULE_TABLES
from firmdate.plan.whole_units import NOISE, Flows


@dataclass(frozen=True)
class _Users:
    """What is taken from pools, sorted by pool and day, the best order lines first, makes last.

    Args:
        group: Pool × days of the horizon + day.
        line: Position of the order line, -1 for a make.
        row: Row of the make among the written orders, -1 for an order line.
        quantity: Units.
    """

    group: IntArray
    line: IntArray
    row: IntArray
    quantity: FloatArray


@dataclass(frozen=True)
class _Pieces:
    """What users of pools got that is not the item itself at its own location.

    Args:
        users: All users.
        user: User of each piece.
        activity: Substitution or shipment of another location.
        quantity: Units.
    """

    users: _Users
    user: IntArray
    activity: IntArray
    quantity: FloatArray


def pool_tables(network: Network, executed: Executed, written: Executed, flows: Flows) -> dict[str, pd.DataFrame]:
    """The tables of substitutes and of other locations that ship; the best lines keep the item of their own location.

    Args:
        network: What was planned.
        executed: Everything that is done.
        written: What is written as supply orders, a row per order.
        flows: Deliveries.
    """
    pieces, kind = _pieces(network, executed, written, flows), network.activities.kind
    shipped = kind[pieces.activity] == ActivityKind.SHIP_FROM
    tables = {}
    if len(network.substitutes):
        tables["substitutions_used"] = _table(network, written, pieces, ~shipped)
    if (kind == ActivityKind.SHIP_FROM).any():
        tables["shipped_from"] = _shipped_from(network, pieces, shipped)
    return tables


def _pieces(network: Network, executed: Executed, written: Executed, flows: Flows) -> _Pieces:
    """Who got what from the pools that is not the item itself; one row per user and activity."""
    days = network.horizon.days
    apart = (int(ActivityKind.SUBSTITUTION), int(ActivityKind.SHIP_FROM))
    used = np.flatnonzero(np.isin(network.activities.kind[executed.activity], apart))
    activity = executed.activity[used]
    group = network.activities.point[activity] * days + executed.starts.day[used]
    order = np.lexsort((network.activities.rank[activity], group))
    used, activity, group = used[order], activity[order], group[order]
    users = _users(network, executed, written, flows, group)
    # Units of all groups are laid end to end; within a group the substitutes come last.
    user_end, quantity = np.cumsum(users.quantity), executed.quantity[used]
    last_user = np.searchsorted(users.group, group, side="right") - 1
    total = np.cumsum(quantity)
    group_total = total[np.searchsorted(group, group, side="right") - 1]
    end = np.append(user_end, 0.0)[last_user] - (group_total - total)
    start = end - quantity
    cuts = np.unique(np.concatenate([user_end, start, end]))
    low, high = cuts[:-1], cuts[1:]
    middle = (low + high) / 2
    user, piece = np.searchsorted(user_end, middle, side="right"), np.searchsorted(end, middle, side="right")
    inside = (piece < len(end)) & (user < len(user_end)) & (high - low > NOISE)
    inside[inside] &= start[piece[inside]] <= middle[inside]
    return _Pieces(users, user[inside], activity[piece[inside]], (high - low)[inside])


def _users(network: Network, executed: Executed, written: Executed, flows: Flows, groups: IntArray) -> _Users:
    """Who takes from the pools on days on which substitutes come into them."""
    days, points, lines = network.horizon.days, network.points, network.lines
    line, day, quantity = serve_in_order(network, flows)
    line_group = points.find(lines.served_key[line]) * days + day
    posts = executed.posts
    takes = np.flatnonzero(
        (posts.quantity < 0) & (network.activities.kind[executed.activity[posts.start]] == ActivityKind.MAKE)
    )
    at, row = pairs(_start_keys(network, executed)[posts.start[takes]], _start_keys(network, written))
    takes = takes[at]
    group = np.concatenate([line_group, posts.point[takes] * days + posts.day[takes]])
    none = np.full(len(takes), -1)
    every_line = np.concatenate([line, none])
    every_row = np.concatenate([np.full(len(line), -1), row])
    units = np.concatenate([quantity, -posts.quantity[takes] * written.quantity[row]])
    chosen = np.flatnonzero(np.isin(group, groups))
    level = np.where(every_line >= 0, np.append(lines.level, 0)[every_line], len(lines) + 1)
    priority = np.append(lines.priority, 0)[every_line]
    order = np.lexsort((every_row[chosen], every_line[chosen], priority[chosen], level[chosen], group[chosen]))
    chosen = chosen[order]
    return _Users(group[chosen], every_line[chosen], every_row[chosen], units[chosen])


def _start_keys(network: Network, executed: Executed) -> IntArray:
    """One number for the activity and start day of every row."""
    return executed.starts.activity * network.horizon.days + executed.starts.day


def _shipped_from(network: Network, pieces: _Pieces, chosen: BoolArray) -> pd.DataFrame:
    """One row per order line, date and other location that ships."""
    user, activity = pieces.user[chosen], pieces.activity[chosen]
    row = network.lines.frame.iloc[pieces.users.line[user]]
    table = pd.DataFrame(
        {
            "order": row["order"].astype(object).to_numpy(),
            "line": row["line"].astype(object).to_numpy(),
            "date": network.horizon.date_of(pieces.users.group[user] % network.horizon.days),
            "item": row["item"].astype(object).to_numpy(),
            "location": row["location"].astype(object).to_numpy(),
            "ship_from": network.activities.label[activity],
            "quantity": pieces.quantity[chosen],
        }
    )
    keys = list(RULE_TABLES["shipped_from"])
    added = table.groupby(keys[:6], as_index=False, dropna=False)[keys[6:]].sum()
    return added.assign(quantity=added["quantity"].round(9)).sort_values(keys[:6], kind="stable", ignore_index=True)[
        keys
    ]


def _table(network: Network, written: Executed, pieces: _Pieces, chosen: BoolArray) -> pd.DataFrame:
    """One row per order line or supply order, date and substitute."""
    users, user, activity = pieces.users, pieces.user[chosen], pieces.activity[chosen]
    quantity = pieces.quantity[chosen]
    catalog, frame = network.catalog, network.lines.frame
    line, row = users.line[user], users.row[user]
    key = network.substitutes.real(catalog, network.points.keys[network.activities.point[activity]])
    plans, orders = order_names(network, written)
    names = catalog.items.to_numpy(dtype=object)

    def of_line(column: str) -> np.ndarray:
        return np.append(frame[column].astype(object).to_numpy(), "")[line]

    table = pd.DataFrame(
        {
            "order": of_line("order"),
            "line": of_line("line"),
            "plan": np.append(plans, "")[row],
            "supply_order": np.append(orders, "")[row],
            "date": network.horizon.date_of(users.group[user] % network.horizon.days),
            "item": names[catalog.item_of(key)],
            "location": catalog.locations.to_numpy(dtype=object)[catalog.location_of(key)],
            "substitute": network.activities.label[activity],
            "quantity": np.round(quantity, 9),
            "substitute_quantity": np.round(quantity * substitute_ratio(network.activities, activity), 9),
        }
    )
    keys = list(RULE_TABLES["substitutions_used"])
    added = table.groupby(keys[:8], as_index=False, dropna=False)[keys[8:]].sum()
    return added.sort_values(keys[:8], kind="stable", ignore_index=True)[keys]
