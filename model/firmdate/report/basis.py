"""What the page of a run takes from its large tables: kept beside the run, a what-if takes most of it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from firmdate.plan.compare import LINE_KEYS
from firmdate.plan.explain.phrases import ROLES, records, release_phrase
from firmdate.report.line_texts import SHORTENED_BY, capacity_facts, held_by, paragraphs, shortened
from firmdate.report.rows import positions
from firmdate.runs.columns import Arrays, compact, frame_arrays, frame_of
from firmdate.runs.figures import latest_first

if TYPE_CHECKING:
    from firmdate.plan.result import Plan

IntArray = npt.NDArray[np.int64]

MOST_EXPLAINED = 10_000
"""So many lines have their chain in the page, the latest; ``firmdate explain`` shows that of every line."""
MOST_SUPPLY = 40_000
"""So many arrivals of supply are packed, those of late lines."""
SPARE = 1.2
"""So many times as much is kept, so that a what-if finds enough when some of it is no longer there."""


@dataclass(frozen=True)
class PageBasis:
    """What a page shows of its large tables.

    Args:
        lines: One row per line in the order of table ``promises``: its columns, those of ``lines``, what holds it back
            in words, its root cause, and of the latest (``told``) the texts of their explanation.
        deliveries: Position of the line, date and quantity of every delivery.
        supply: What arrives at stocking points where a line is not on time, earliest first: ``item``, ``location``,
            ``arrival``, ``start``, ``quantity``, ``how``.
        flows: Totals of transfers: ``origin``, ``destination``, ``quantity``, ``moves``, ``items``.
        places: Units that are made, bought and delivered (``what``) by ``location``.

    ``supply``, ``flows`` and ``places`` have a column ``part``, the part of the data that a row belongs to; ``last``
    marks the last arrival where later ones are left out.
    """

    lines: pd.DataFrame
    deliveries: pd.DataFrame
    supply: pd.DataFrame
    flows: pd.DataFrame
    places: pd.DataFrame

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it as arrays, to be kept."""
        frames = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {key: array for name, frame in frames for key, array in frame_arrays(name, frame).items()}

    @classmethod
    def of(cls, arrays: Arrays) -> PageBasis:
        """The basis that arrays were made of.

        Raises:
            ValueError: They were not made of a basis.
        """
        return cls(*(frame_of(one.name, arrays) for one in fields(cls)))


def basis_of_tables(plan: Plan, rows: Mapping[str, IntArray]) -> PageBasis:
    """The basis from the whole tables of a plan.

    Args:
        plan: What was planned.
        rows: Per table the part of every row; tables that are missing are of one part.
    """
    promises = plan.order_lines
    line = positions(promises, plan.deliveries, LINE_KEYS)
    deliveries = plan.deliveries[["date", "quantity"]].assign(line=line)[line >= 0].reset_index(drop=True)
    lines = _lines(plan, promises.reset_index(drop=True))
    return PageBasis(lines, deliveries, _supply(plan, lines, rows), _flows(plan, rows), _places(plan, rows))


def _lines(plan: Plan, promises: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in promises.columns if not pd.api.types.is_numeric_dtype(promises[name].dtype)]
    texts = [name for name in texts if not pd.api.types.is_datetime64_dtype(promises[name].dtype)]
    lines = promises.assign(**{name: compact(promises[name]) for name in texts})
    lines = lines.assign(days_late=lines["days_late"].astype("float64"))
    lines = lines.assign(held_by=held_by(lines), fact=capacity_facts(plan, lines))
    short = shortened(lines["reason"], [lines[name] for name in SHORTENED_BY])
    return _explained(plan, lines).assign(short=compact(short))


def _explained(plan: Plan, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with their root cause, and the latest of them with their chain and what would help."""
    at = positions(lines, plan.explanations, LINE_KEYS)
    found = plan.explanations[at >= 0].set_index(at[at >= 0])
    late = lines[lines["status"].astype(object) != "on_time"]
    told = np.zeros(len(lines), dtype=bool)
    told[latest_first(late).index[: int(MOST_EXPLAINED * SPARE)]] = True
    near = found[told[found.index]]
    steps = plan.chains[plan.chains["chain"].isin(near["chain"])]
    said = steps["role"].map(ROLES).astype(object) + steps["text"].astype(object)
    chains = paragraphs(steps["chain"].tolist(), said.tolist())
    texts = {
        "tag": found["tag"].astype(object),
        "chain": near["chain"].map(chains),
        "competing": near["competing"].astype(object).str.replace("; ", "\n"),
        "helps": _helps(plan, lines, told),
    }
    every = {name: compact(own.reindex(lines.index)) for name, own in texts.items()}
    dates = found["lead_time_date"].reindex(lines.index).astype("datetime64[s]")
    return lines.assign(**every, lead_time_date=dates, told=told)


def _helps(plan: Plan, lines: pd.DataFrame, told: npt.NDArray[np.bool_]) -> pd.Series:
    """What would help some lines, a sentence a line of text."""
    at = positions(lines, plan.releases, LINE_KEYS)
    wanted = np.append(told, False)[at]
    return paragraphs(at[wanted].tolist(), [release_phrase(row) for row in records(plan.releases[wanted])])


def _supply(plan: Plan, lines: pd.DataFrame, rows: Mapping[str, IntArray]) -> pd.DataFrame:
    """Transfers, and make and buy orders, to where lines are not on time; the first to arrive."""
    late = lines[lines["status"].astype(object) != "on_time"]
    points = pd.MultiIndex.from_frame(late[["item", "location"]].astype(object).drop_duplicates())
    moves = plan.deployments
    orders, bought = plan.supply_orders, _bought(plan)
    at_moves = _among(points, moves["item"], moves["destination"])
    at_orders = _among(points, orders["item"], orders["location"]) & bought
    parts = [_parts(rows, "deployments", moves)[at_moves], _parts(rows, "supply_orders", orders)[at_orders]]
    moves, orders = moves[at_moves], orders[at_orders]
    arrivals = [
        pd.DataFrame(
            {
                "item": moves["item"].astype(object),
                "location": moves["destination"].astype(object),
                "arrival": moves["arrival_date"],
                "start": moves["ship_date"],
                "quantity": moves["quantity"],
                "how": "from " + moves["origin"].astype(object),
                "part": parts[0],
            }
        ),
        pd.DataFrame(
            {
                "item": orders["item"].astype(object),
                "location": orders["location"].astype(object),
                "arrival": orders["date"],
                "start": orders["start_date"],
                "quantity": orders["quantity"],
                "how": _how(orders),
                "part": parts[1],
            }
        ),
    ]
    return first_to_arrive(pd.concat(arrivals, ignore_index=True))


def first_to_arrive(supply: pd.DataFrame) -> pd.DataFrame:
    """As many of the first arrivals as are kept; ``last`` marks the last one where later ones are left out."""
    supply = supply.sort_values(["arrival", "item", "location"], kind="stable", ignore_index=True)
    most = int(MOST_SUPPLY * SPARE)
    first = supply.head(most)
    texts = {name: compact(first[name]) for name in ("item", "location", "how")}
    return first.assign(**texts, last=(np.arange(len(first)) == most - 1) & (len(supply) > most))


def _bought(plan: Plan) -> npt.NDArray[np.bool_]:
    orders = plan.supply_orders
    return np.asarray(orders["type"].isin(["make", "buy"]) & (orders["quantity"] > 0), dtype=bool)


def _among(points: pd.MultiIndex, items: pd.Series, locations: pd.Series) -> npt.NDArray[np.bool_]:
    """Which rows are at one of some stocking points."""
    if not len(points):
        return np.zeros(len(items), dtype=bool)
    codes = [
        level.get_indexer(pd.Index(own.astype(object)))
        for level, own in zip(points.levels, (items, locations), strict=True)
    ]
    known = points.codes[0].astype(np.int64) * len(points.levels[1]) + points.codes[1]
    return np.asarray((codes[0] >= 0) & (codes[1] >= 0) & np.isin(codes[0] * len(points.levels[1]) + codes[1], known))


def _how(orders: pd.DataFrame) -> pd.Series:
    """Where a made or bought order comes from."""
    planned = orders["order"].astype(object).where(orders["status"] != "new", "")
    bought = ("bought from " + orders["supplier"].astype(object)).where(orders["supplier"] != "", "bought")
    how = bought.where(orders["type"] == "buy", "made")
    return how + (" (" + planned + ")").where(planned != "", "")


def _flows(plan: Plan, rows: Mapping[str, IntArray]) -> pd.DataFrame:
    moves = plan.deployments
    keys = [_parts(rows, "deployments", moves), *(compact(moves[name]) for name in ("origin", "destination"))]
    frame = pd.DataFrame({"part": keys[0], "origin": keys[1], "destination": keys[2], "quantity": moves["quantity"]})
    frame["item"] = pd.factorize(moves["item"])[0]
    totals = frame.groupby(["part", "origin", "destination"], observed=True, sort=False)
    flows = totals.agg(quantity=("quantity", "sum"), moves=("quantity", "size"), items=("item", "nunique"))
    return _with_texts(flows.reset_index(), ("origin", "destination"))


def _places(plan: Plan, rows: Mapping[str, IntArray]) -> pd.DataFrame:
    orders, promises = plan.supply_orders, plan.promises
    bought = _bought(plan)
    made = orders[bought]
    whats = made["type"].map({"make": "made", "buy": "bought"}).astype(object)
    parts = np.concatenate([_parts(rows, "supply_orders", orders)[bought], _parts(rows, "promises", promises)])
    frame = pd.DataFrame(
        {
            "part": parts,
            "location": np.concatenate([made["location"].astype(object), promises["location"].astype(object)]),
            "what": np.concatenate([whats, np.full(len(promises), "delivered", dtype=object)]),
            "quantity": np.concatenate([made["quantity"], promises["promised_quantity"]]),
        }
    )
    totals = frame.groupby(["part", "location", "what"], sort=False)["quantity"].sum()
    return _with_texts(totals.reset_index(), ("location", "what"))


def _with_texts(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return frame.assign(**{name: compact(frame[name].astype(object)) for name in names})


def _parts(rows: Mapping[str, IntArray], name: str, table: pd.DataFrame) -> IntArray:
    return rows[name] if name in rows else np.zeros(len(table), dtype=np.int64)
