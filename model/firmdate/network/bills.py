"""Ways of making an item: operations with their bills of materials and resources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from firmdate.data.planning_data import PlanningData
from firmdate.network.catalog import Catalog, encode
from firmdate.network.horizon import NO_DAY, FloatArray, Horizon, IntArray
from firmdate.network.relations import pairs


@dataclass(frozen=True)
class MakeOptions:
    """Ways of making, one row per stocking point and alternative.

    Args:
        key: Stocking point key of what is made.
        alternative: Code of the alternative.
        lead_time: Days from start to the day the item can be used.
        unit_cost: Money per unit.
        rank: Lower is preferred.
    """

    key: IntArray
    alternative: IntArray
    lead_time: IntArray
    unit_cost: FloatArray
    rank: FloatArray

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Components:
    """What ways of making take per unit: one row per way and component (or resource).

    Args:
        option: Position of the way of making.
        target: Stocking point key of the component, or row of ``operation_resources``.
        quantity: Units or hours per unit made.
        first_day: First start day on which it holds.
        last_day: Last start day on which it holds.
    """

    option: IntArray
    target: IntArray
    quantity: FloatArray
    first_day: IntArray
    last_day: IntArray


class MakeData:
    """Operations, bills and operation resources with their ids as numbers.

    A bill for a location replaces the bill for every location. A bill without an operation is made
    without lead time. ``effective_to`` is the last start day on which a component is used.
    """

    def __init__(self, data: PlanningData, catalog: Catalog, horizon: Horizon) -> None:
        tables = ("bills_of_materials", "operations", "operation_resources")
        alternatives: set[str] = set()
        for table in tables:
            alternatives.update(data[table]["alternative"].astype(str))
        self.catalog = catalog
        self.alternatives = pd.Index(sorted(alternatives), dtype=object)
        bills, operations, uses = (data[table] for table in tables)
        self._bills, self._operations, self._uses = bills, operations, uses
        self._bill_item = encode(bills["item"], catalog.items)
        self._bill_key = self._way(catalog.point_keys(bills), bills)
        self._bill_generic = np.where(
            encode(bills["location"], catalog.locations) < 0,
            self._bill_item * self._count + self._alternative(bills),
            -1,
        )
        self._component = encode(bills["component"], catalog.items)
        self._bill_first = np.where(bills["effective_from"].isna(), -NO_DAY, horizon.day_of(bills["effective_from"]))
        self._bill_last = horizon.day_of(bills["effective_to"])
        self._operation_key = catalog.point_keys(operations)
        self._operation_way = self._way(self._operation_key, operations)
        self._use_way = self._way(catalog.point_keys(uses), uses)

    @property
    def _count(self) -> int:
        return max(len(self.alternatives), 1)

    def _alternative(self, frame: pd.DataFrame) -> IntArray:
        return encode(frame["alternative"], self.alternatives)

    def _way(self, keys: IntArray, frame: pd.DataFrame) -> IntArray:
        return np.where(keys >= 0, keys * self._count + self._alternative(frame), -1)

    def explicit_keys(self) -> IntArray:
        """Stocking point keys that operations and bills of one location name."""
        return np.concatenate([self._operation_key, np.unique(self._bill_key[self._bill_key >= 0]) // self._count])

    def options(self, keys: IntArray, *, planned: bool = False) -> MakeOptions:
        """Every way of making the items at these (distinct) stocking points.

        Args:
            keys: Distinct stocking point keys.
            planned: True where something is planned to be made at all of them: then a bill for every location also
                holds where there is no other way, although the operations of the item stand elsewhere.
        """
        _, row = pairs(keys, self._operation_key)
        ways = [self._operation_way[row]]
        rows = [row]
        for implied in (self._bills_without_operation(keys), self._generic_bills(keys, elsewhere=False)):
            fresh = np.setdiff1d(implied, np.concatenate(ways))
            ways.append(fresh)
            rows.append(np.full(len(fresh), -1, dtype=np.int64))
        if planned:
            unmade = np.setdiff1d(keys, np.concatenate(ways) // self._count)
            ways.append(self._generic_bills(unmade, elsewhere=True))
            rows.append(np.full(len(ways[-1]), -1, dtype=np.int64))
        way = np.concatenate(ways)
        row = np.concatenate(rows)
        order = np.argsort(way, kind="stable")
        way, row = way[order], row[order]
        operations = self._operations

        def column(name: str, default: float) -> FloatArray:
            values = np.append(operations[name].to_numpy(np.float64), default)
            return values[row]

        return MakeOptions(
            key=way // self._count,
            alternative=way % self._count,
            lead_time=column("lead_time_days", 0).astype(np.int64),
            unit_cost=column("unit_cost", 0),
            rank=column("rank", 1),
        )

    def _bills_without_operation(self, keys: IntArray) -> IntArray:
        """Ways whose bill names the location but that have no operation."""
        own = np.unique(self._bill_key[self._bill_key >= 0])
        own = own[np.isin(own // self._count, keys)]
        return np.setdiff1d(own, self._operation_way)

    def _generic_bills(self, keys: IntArray, *, elsewhere: bool) -> IntArray:
        """Ways of items whose bill is for every location; of those with an operation ``elsewhere`` only if asked."""
        generic = np.unique(self._bill_generic[self._bill_generic >= 0])
        made = self.catalog.item_of(self._operation_key) * self._count + self._operation_way % self._count
        if not elsewhere:
            generic = np.setdiff1d(generic, made)
        point, bill = pairs(self.catalog.item_of(keys), generic // self._count)
        return np.unique(keys[point] * self._count + generic[bill] % self._count)

    def components(self, options: MakeOptions) -> Components:
        """Components of ways of making, at the location where the item is made."""
        way = options.key * self._count + options.alternative
        option, row = pairs(way, self._bill_key)
        plain = np.setdiff1d(np.arange(len(options)), option)
        item = self.catalog.item_of(options.key[plain])
        more, more_row = pairs(item * self._count + options.alternative[plain], self._bill_generic)
        option = np.concatenate([option, plain[more]])
        row = np.concatenate([row, more_row])
        order = np.argsort(option, kind="stable")
        option, row = option[order], row[order]
        return Components(
            option=option,
            target=self.catalog.join(self._component[row], self.catalog.location_of(options.key[option])),
            quantity=self._bills["quantity_per"].to_numpy(np.float64)[row],
            first_day=self._bill_first[row],
            last_day=self._bill_last[row],
        )

    def resources(self, options: MakeOptions) -> Components:
        """Resource hours of ways of making; ``target`` is the row of ``operation_resources``."""
        option, row = pairs(options.key * self._count + options.alternative, self._use_way)
        always = np.full(len(row), NO_DAY)
        return Components(option, row, self._uses["hours_per_unit"].to_numpy(np.float64)[row], -always, always)
