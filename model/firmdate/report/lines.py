"""The table of order lines of a run: its columns, and what an opened line shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from firmdate.plan.compare import LINE_KEYS
from firmdate.plan.explain.phrases import ROLES, Row, records, release_phrase
from firmdate.report.pack import Attached, Field, Pack, pack_lines
from firmdate.report.rows import positions
from firmdate.runs.figures import latest_first, shown

if TYPE_CHECKING:
    from firmdate.plan.result import Plan

LINE_FIELDS = (
    Field("name", "Order line"),
    Field("item", "Item"),
    Field("location", "Location", narrow=False),
    Field("customer", "Customer", narrow=False),
    Field("tier", "Tier", "number", chosen=True, narrow=False),
    Field("quantity", "Quantity", "number", narrow=False),
    Field("requested_date", "Requested", "date", narrow=False),
    Field("promise_date", "Promised", "date", since="requested_date"),
    Field("days_late", "Days late", "number", narrow=False),
    Field("status", "Status", "word", chosen=True),
    Field("held_by", "Held by", narrow=False),
    Field("reason", "Why", place="reason", names=("item", "location", "held_by", "gating_date")),
    Field("gating_date", "", "date", place="hidden"),
    Field("fact", "What holds it back", place="reason", shared=("held_by", "gating_date")),
    Field("chain", "How it comes about", place="more"),
    Field("competing", "Served instead", place="more"),
    Field("helps", "What would help", place="more"),
    Field("tag", "Root cause", "word", place="detail", chosen=True),
    Field("lead_time_date", "Lead times alone allow", "date", place="detail"),
    Field("promised_quantity", "Promised quantity", "number", place="detail", product=("quantity",)),
    Field("late_unit_days", "Late unit-days", "number", place="detail", product=("quantity", "days_late")),
    Field("value", "Value", "number", place="detail"),
    Field("region", "Region", place="detail", chosen=True),
    Field("product_group", "Item group", place="detail", chosen=True),
    Field("kind", "Kind", place="detail", chosen=True),
)
MOST_EXPLAINED = 10_000
"""So many lines have their chain in the page, the latest; ``firmdate explain`` shows that of every line."""
MOST_SUPPLY = 40_000
"""So many arrivals of supply are packed, those of late lines."""


def lines_of(plan: Plan) -> pd.DataFrame:
    """All lines with the columns of :data:`LINE_FIELDS`: the latest first, then those on time by requested date."""
    promises = plan.order_lines
    late = promises["status"] != "on_time"
    on_time = promises[~late].sort_values("requested_date", kind="stable")
    lines = pd.concat([latest_first(promises[late]), on_time])
    kind, name = (lines[column].fillna("").astype(object) for column in ("gating_kind", "gating_name"))
    return _explained(plan, lines).assign(
        name=lines["order"].astype(object) + "/" + lines["line"].astype(object),
        held_by=(kind.str.replace("_", " ") + " " + name).str.strip(),
        fact=_capacity_facts(plan, lines),
        days_late=lines["days_late"].astype("float64"),
    )


def _explained(plan: Plan, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with their root cause, and the first of them with their chain and what would help."""
    at = positions(lines, plan.explanations, LINE_KEYS)
    found = plan.explanations[at >= 0].set_index(lines.index[at[at >= 0]])
    first = lines.index[:MOST_EXPLAINED]
    near = found[found.index.isin(first)]
    steps = plan.chains[plan.chains["chain"].isin(near["chain"])]
    said = steps["role"].map(ROLES) + steps["text"].astype(object)
    chains = _paragraphs(steps["chain"].tolist(), said.tolist())
    texts = {"chain": near["chain"].map(chains), "competing": near["competing"].str.replace("; ", "\n")}
    texts |= {"tag": found["tag"], "helps": _helps(plan, lines.loc[first])}
    every = {name: own.astype(object).reindex(lines.index).fillna("") for name, own in texts.items()}
    return lines.assign(**every, lead_time_date=found["lead_time_date"].reindex(lines.index))


def _helps(plan: Plan, lines: pd.DataFrame) -> pd.Series:
    """What would help some lines, a sentence a line of text."""
    at = positions(lines, plan.releases, LINE_KEYS)
    releases = plan.releases[at >= 0]
    return _paragraphs(lines.index[at[at >= 0]].tolist(), [release_phrase(row) for row in records(releases)])


def _paragraphs(owners: Sequence[int], sentences: Sequence[str]) -> pd.Series:
    """The sentences of each owner as one text, a sentence a line (groups of pandas take ten times as long)."""
    texts: dict[int, list[str]] = {}
    for owner, sentence in zip(owners, sentences, strict=True):
        texts.setdefault(owner, []).append(sentence)
    return pd.Series({owner: "\n".join(own) for owner, own in texts.items()}, dtype=object)


def pack_of(plan: Plan, lines: pd.DataFrame, fields: Sequence[Field]) -> Pack:
    """The lines as the page holds them, with their deliveries and the supply that arrives for them."""
    given = plan.deliveries
    line = positions(lines, given, LINE_KEYS)
    # What is delivered at once is told by the promise.
    several = np.bincount(line[line >= 0], minlength=len(lines)) > 1
    told = np.append(~several & lines["promise_date"].notna().to_numpy(), True)
    kept = np.flatnonzero(~told[line])
    late = lines[lines["status"] != "on_time"]
    supply = _supply(plan)
    supply = supply[_keys(supply).isin(_keys(late).unique())].head(MOST_SUPPLY)
    attached = (
        Attached("Deliveries", given.iloc[kept], {"date": "on", "quantity": "units"}, line[kept]),
        Attached(
            "Supply that arrives there, for all its lines",
            supply,
            {"arrival": "on", "quantity": "units", "how": "how", "start": "begun"},
        ),
    )
    return pack_lines(lines, fields, attached, command=f"firmdate explain {plan.scenario.name}")


def _keys(frame: pd.DataFrame) -> pd.Series:
    return frame["item"].astype(object) + "\0" + frame["location"].astype(object)


def _supply(plan: Plan) -> pd.DataFrame:
    """What arrives at stocking points: transfers, and make and buy orders."""
    moves, orders = plan.deployments, plan.supply_orders
    orders = orders[orders["type"].isin(["make", "buy"]) & (orders["quantity"] > 0)]
    planned = orders["order"].astype(object).where(orders["status"] != "new", "")
    bought = ("bought from " + orders["supplier"].astype(object)).where(orders["supplier"] != "", "bought")
    how = bought.where(orders["type"] == "buy", "made")
    parts = [
        pd.DataFrame(
            {
                "item": moves["item"].astype(object),
                "location": moves["destination"].astype(object),
                "arrival": moves["arrival_date"],
                "start": moves["ship_date"],
                "quantity": moves["quantity"],
                "how": "from " + moves["origin"].astype(object),
            }
        ),
        pd.DataFrame(
            {
                "item": orders["item"].astype(object),
                "location": orders["location"].astype(object),
                "arrival": orders["date"],
                "start": orders["start_date"],
                "quantity": orders["quantity"],
                "how": how + (" (" + planned + ")").where(planned != "", ""),
            }
        ),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["arrival", "item", "location"], kind="stable")


def _capacity_facts(plan: Plan, lines: pd.DataFrame) -> pd.Series:
    """For lines that wait for a capacity: how full the interval is, and what one more unit would be worth."""
    facts = pd.Series("", index=lines.index, dtype=object)
    tables = {"resource": plan.resource_load, "supplier": plan.supplier_load, "lane": plan.lane_load}
    for kind, table in tables.items():
        rows = lines[lines["gating_kind"] == kind]
        loads = table.drop_duplicates([kind, "start"])
        intervals = pd.MultiIndex.from_arrays([loads[kind].astype(object), loads["start"]])
        at = pd.MultiIndex.from_arrays([rows["gating_name"].astype(object), rows["gating_date"]])
        interval = intervals.get_indexer(at)
        used, which = np.unique(interval[interval >= 0], return_inverse=True)
        texts = [_capacity_fact(kind, row) for row in records(loads.iloc[used])]
        facts[rows.index[interval >= 0]] = np.array([*texts, ""], dtype=object)[which]
    return facts


def _capacity_fact(kind: str, row: Row) -> str:
    unit = "hours" if kind == "resource" else "units"
    worth = f"; one more is worth {shown(row['price'])}" if row["price"] > 0 else ""
    load = f"load {shown(row['load'])} of {shown(row['capacity'])} {unit}{worth}"
    return f"{row[kind]} from {row['start']:%Y-%m-%d}: {load}"
