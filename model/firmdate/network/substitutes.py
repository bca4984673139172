"""Substitutes: what may take the place of an item, and the pools in which both come together.

Who may get a substitute is served from a *pool*: a stocking point of its own beside that of the item, into which the
item itself and its substitutes flow, and which never holds stock overnight. Who may not is served from the item. Only
items flow into pools, and nothing flows out of them but to who wants it: so nothing is converted twice, or back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.activities import Activities, ActivityKind, Uses, join_posts, supply_posts, take_posts
from firmdate.network.catalog import Catalog, StockingPoints, encode
from firmdate.network.horizon import NO_DAY, BoolArray, FloatArray, Horizon, IntArray
from firmdate.network.relations import pairs
from firmdate.scenario.substitution import Substitution

POOL_NAME = "{} (or substitute)"


@dataclass(frozen=True)
class Substitutes:
    """What may take the place of what, in every direction that holds: one row per item and substitute.

    Args:
        item: Code of the item.
        substitute: Code of the substitute.
        location: Code of the location, -1 for every location.
        rank: Lower is preferred.
        ratio: Units of the substitute for one unit of the item.
        unit_cost: Money per unit of the item.
        first_day: First day on which it may be used.
        last_day: Last day on which it may be used.
        lines: Permission of order lines that do not say it themselves.
        components: Makes may take substitutes of their components.
        pool_of: Per item code: code of its pool, -1 where it has none.
        real_of: Per item code, pools included: the item that it stands for.
        refused: Per item code, pools included: pools into which no substitutes flow.
    """

    item: IntArray
    substitute: IntArray
    location: IntArray
    rank: FloatArray
    ratio: FloatArray
    unit_cost: FloatArray
    first_day: IntArray
    last_day: IntArray
    lines: bool
    components: bool
    pool_of: IntArray
    real_of: IntArray
    refused: BoolArray

    @property
    def has_pools(self) -> bool:
        """Whether anything is served from a pool."""
        return len(self.real_of) > len(self.pool_of)

    def __len__(self) -> int:
        return len(self.item)

    def of_keys(self, catalog: Catalog, keys: IntArray) -> tuple[IntArray, IntArray]:
        """Positions of stocking point keys and rows of the substitutes that they have there."""
        at, row = pairs(catalog.item_of(keys), self.item)
        here = (self.location[row] < 0) | (self.location[row] == catalog.location_of(keys)[at])
        return at[here], row[here]

    def keys(self, catalog: Catalog, keys: IntArray) -> IntArray:
        """Stocking point keys of all substitutes of some keys."""
        at, row = self.of_keys(catalog, keys)
        return np.unique(catalog.join(self.substitute[row], catalog.location_of(keys)[at]))

    def pools(self, catalog: Catalog, keys: IntArray) -> IntArray:
        """The key of the pool of every key; the key itself where it has no substitute."""
        has = np.zeros(len(keys), dtype=bool)
        has[self.of_keys(catalog, keys)[0]] = True
        pool = catalog.join(np.append(self.pool_of, -1)[catalog.item_of(keys)], catalog.location_of(keys))
        return np.where(has, pool, keys)

    def is_pool(self, catalog: Catalog, keys: IntArray) -> BoolArray:
        """Which keys are pools."""
        item = catalog.item_of(keys)
        return np.asarray(self.real_of[item] != item)

    def real(self, catalog: Catalog, keys: IntArray) -> IntArray:
        """The key of the item that every key stands for."""
        return catalog.join(self.real_of[catalog.item_of(keys)], catalog.location_of(keys))


_COLUMNS = ["item", "substitute", "location", "rank", "ratio", "unit_cost", "first", "last"]


def read_substitutes(
    data: PlanningData, catalog: Catalog, horizon: Horizon, rule: Substitution | None
) -> tuple[Substitutes, Catalog]:
    """Everything that may take the place of something else, and the catalog with the pools that this needs.

    Args:
        data: Planning data.
        catalog: Items and locations.
        horizon: Dates.
        rule: Who may get substitutes where the order lines do not say it.
    """
    table, lines, components = data["substitutions"], False, False
    if rule is not None:
        lines, components = rule.lines, rule.components
    wanted = components or bool(allows_substitutes(data["demands"], lines).any())
    rows = _rows(table if wanted else table.iloc[:0], catalog, horizon)
    # Shares of allocated supply are for lines that ask for it, so it takes no other item's place.
    names = pd.Series(catalog.items.to_numpy(dtype=object)[rows["substitute"]], dtype=object)
    rows = rows[~allocated(data, names)].reset_index(drop=True)
    count = len(catalog.items)
    replaced = np.unique(rows["item"].to_numpy(np.int64))
    pool_of = np.full(count, -1)
    pool_of[replaced] = count + np.arange(len(replaced))
    own = np.arange(count)
    found = Substitutes(
        item=rows["item"].to_numpy(np.int64),
        substitute=rows["substitute"].to_numpy(np.int64),
        location=rows["location"].to_numpy(np.int64),
        rank=rows["rank"].to_numpy(np.float64),
        ratio=rows["ratio"].to_numpy(np.float64),
        unit_cost=rows["unit_cost"].to_numpy(np.float64),
        first_day=rows["first"].to_numpy(np.int64),
        last_day=rows["last"].to_numpy(np.int64),
        lines=lines,
        components=components,
        pool_of=pool_of,
        real_of=np.concatenate([own, replaced]),
        refused=np.zeros(count + len(replaced), dtype=bool),
    )
    return found, with_pools(catalog, replaced, [POOL_NAME.format(name) for name in catalog.items[replaced]])


def allocated(data: PlanningData, items: pd.Series) -> BoolArray:
    """Which of some items have shares of their supply allocated, anywhere."""
    named = data["allocations"]["item"]
    if not len(named):
        return np.zeros(len(items), dtype=bool)
    return np.asarray(items.astype(object).isin(set(named.dropna())).to_numpy() | bool(named.isna().any()))


def with_pools(catalog: Catalog, replaced: IntArray, names: list[str]) -> Catalog:
    """The catalog with one more item for every pool, behind all others.

    Args:
        catalog: Items and locations.
        replaced: Item code that each pool stands for.
        names: Name of each pool.
    """
    if not len(replaced):
        return catalog
    own = np.concatenate([np.arange(len(catalog.items)), replaced])
    return replace(
        catalog,
        items=catalog.items.append(pd.Index(names, dtype=object)),
        whole_units=catalog.whole_units[own],
        unit_cost=catalog.unit_cost[own],
        unit_price=catalog.unit_price[own],
        product_group=catalog.product_group[own],
    )


def _rows(table: pd.DataFrame, catalog: Catalog, horizon: Horizon) -> pd.DataFrame:
    """The rows of the table in every direction; of several rows for one pair and location the best ranked."""
    first = np.where(table["effective_from"].isna(), 0, horizon.day_of(table["effective_from"]))
    rows = pd.DataFrame(
        {
            "item": encode(table["item"], catalog.items),
            "substitute": encode(table["substitute"], catalog.items),
            "location": encode(table["location"], catalog.locations),
            "rank": table["rank"].to_numpy(np.float64),
            "ratio": table["ratio"].to_numpy(np.float64),
            "unit_cost": table["unit_cost"].to_numpy(np.float64),
            "first": np.maximum(first, 0),
            "last": horizon.day_of(table["effective_to"]),
            "direction": table["direction"].astype(object).to_numpy(),
        }
    )
    both = rows[rows["direction"] != "one_way"]
    turned = both.assign(item=both["substitute"], substitute=both["item"], ratio=1.0 / both["ratio"])
    alike = pd.concat([rows, turned], ignore_index=True)
    alike = pd.concat([alike, _connected(alike[alike["direction"] == "form_fit_function"])], ignore_index=True)
    alike = alike[alike["item"] != alike["substitute"]].sort_values(
        ["item", "location", "rank", "substitute", "first"], kind="stable"
    )
    return alike.drop_duplicates(["item", "substitute", "location", "first", "last"], ignore_index=True)[_COLUMNS]


def _connected(links: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a form-fit-function class that no single row links: over the fewest rows, ranks added up."""
    found = []
    for start in sorted(set(links["item"])):
        reached, frontier = {start}, links[links["item"] == start]
        while len(frontier):
            reached |= set(frontier["substitute"])
            steps = frontier.merge(links, left_on="substitute", right_on="item", suffixes=("", "_next"))
            steps = steps[~steps["substitute_next"].isin(reached)]
            both = (
                (steps["location"] == steps["location_next"]) | (steps["location"] < 0) | (steps["location_next"] < 0)
            )
            steps = steps[both]
            frontier = pd.DataFrame(
                {
                    "item": start,
                    "substitute": steps["substitute_next"],
                    "location": np.maximum(steps["location"], steps["location_next"]),
                    "rank": steps["rank"] + steps["rank_next"],
                    "ratio": steps["ratio"] * steps["ratio_next"],
                    "unit_cost": steps["unit_cost"] + steps["unit_cost_next"],
                    "first": np.maximum(steps["first"], steps["first_next"]),
                    "last": np.minimum(steps["last"], steps["last_next"]),
                }
            ).sort_values("rank", kind="stable")
            frontier = frontier.drop_duplicates(["substitute", "location"])
            found.append(frontier)
    return pd.concat(found, ignore_index=True) if found else links.iloc[:0]


def pool_activities(found: Substitutes, catalog: Catalog, points: StockingPoints) -> Activities:
    """How pools are filled: by the item itself, and by its substitutes; both at once, on days of work or shipping."""
    pools = np.flatnonzero(found.is_pool(catalog, points.keys))
    real = found.real(catalog, points.keys[pools])
    at, row = found.of_keys(catalog, real)
    sources = catalog.join(found.substitute[row], catalog.location_of(real[at]))
    # A pool from which nobody takes may have substitutes that nobody needs.
    needed = (points.find(sources) >= 0) & ~found.refused[catalog.item_of(points.keys[pools[at]])]
    at, row, sources = at[needed], row[needed], sources[needed]
    point = np.concatenate([pools, pools[at]])
    origin = points.find(np.concatenate([real, sources]))
    itself = np.arange(len(point)) < len(pools)
    ones = np.ones(len(pools))
    count, calendar = len(point), points.calendars.either[point]
    every, at_once = np.arange(count), np.zeros(count, dtype=np.int64)
    none = np.empty(0, dtype=np.int64)
    names = np.append(catalog.items.to_numpy(dtype=object), "")
    return Activities(
        kind=np.where(itself, int(ActivityKind.ITSELF), int(ActivityKind.SUBSTITUTION)),
        point=point,
        origin=origin,
        label=names[np.concatenate([np.full(len(pools), -1), found.substitute[row]])],
        planned=np.full(count, -1),
        start_calendar=calendar,
        first_day=np.concatenate([0 * pools, found.first_day[row]]),
        last_day=np.concatenate([0 * pools + NO_DAY, found.last_day[row]]),
        unit_cost=np.concatenate([0 * ones, found.unit_cost[row]]),
        rank=np.concatenate([ones, found.rank[row]]),
        posts=join_posts(
            supply_posts(every, point, at_once, calendar),
            take_posts(every, origin, np.concatenate([ones, found.ratio[row]]), at_once, calendar),
        ),
        uses=Uses(none, none, np.empty(0), none),
    )


def take_from_pools(activities: Activities, found: Substitutes, catalog: Catalog, points: StockingPoints) -> Activities:
    """Makes whose components have substitutes take from the pools."""
    posts = activities.posts
    rows = np.flatnonzero((posts.quantity < 0) & (activities.kind[posts.activity] == ActivityKind.MAKE))
    point = posts.point.copy()
    point[rows] = points.find(found.pools(catalog, points.keys[posts.point[rows]]))
    return replace(activities, posts=replace(posts, point=point))


def allows_substitutes(demands: pd.DataFrame, otherwise: bool) -> BoolArray:
    """Which order lines allow substitutes; ``otherwise`` is for those that do not say it."""
    stated = demands["substitution"]
    return np.where(stated.isna(), otherwise, stated.isin([True])).astype(bool)


def served_keys(data: pd.DataFrame, found: Substitutes, catalog: Catalog, keys: IntArray) -> IntArray:
    """Where order lines are served: from the pool where they allow substitutes, else from the item.

    Args:
        data: The demand lines.
        found: Substitutes.
        catalog: Items and locations.
        keys: Stocking point key of every line.
    """
    if not len(found):
        return keys
    return np.where(allows_substitutes(data, found.lines), found.pools(catalog, keys), keys)


def substitute_ratio(activities: Activities, activity: IntArray) -> FloatArray:
    """Units of the substitute per unit of some substitutions."""
    posts = activities.posts
    ratio = np.zeros(len(activities))
    takes = posts.quantity < 0
    ratio[posts.activity[takes]] = -posts.quantity[takes]
    return ratio[activity]
