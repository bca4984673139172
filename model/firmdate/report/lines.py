"""The table of order lines of a run: its columns, and what an opened line shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from firmdate.report.basis import MOST_EXPLAINED, MOST_SUPPLY, PageBasis
from firmdate.report.line_texts import SHORTENED_BY
from firmdate.report.pack import Attached, Field, Pack, pack_lines
from firmdate.runs.figures import latest_first

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
    Field("reason", "Why", place="reason", names=SHORTENED_BY, short="short"),
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


def lines_of(basis: PageBasis) -> pd.DataFrame:
    """All lines with the columns of :data:`LINE_FIELDS`: the latest first, then those on time by requested date."""
    lines = basis.lines
    on_time = (lines["status"] == "on_time").to_numpy(bool)
    late = latest_first(lines[~on_time]).index
    order = np.append(late, lines[on_time].sort_values("requested_date", kind="stable").index).astype(np.int64)
    name = lines["order"].astype(object) + "/" + lines["line"].astype(object)
    sorted_lines = lines.assign(name=name).take(order)
    told = np.arange(len(lines)) < MOST_EXPLAINED
    texts = {key: sorted_lines[key].astype(object).where(told, "") for key in ("chain", "competing", "helps")}
    return sorted_lines.assign(**texts)


def pack_of(given: tuple[PageBasis, pd.DataFrame, Sequence[Field], str]) -> Pack:
    """The lines as the page holds them, with their deliveries and the supply that arrives for them.

    Args:
        given: What the page shows; its lines in the order of the page, as :func:`lines_of` gives them; columns that
            are packed; and what explains a line on the terminal, when its name is added.
    """
    basis, lines, fields, command = given
    place = np.empty(len(lines), dtype=np.int64)
    place[lines.index.to_numpy()] = np.arange(len(lines))
    deliveries = basis.deliveries
    line = place[deliveries["line"].to_numpy()]
    # What is delivered at once is told by the promise.
    several = np.bincount(line, minlength=len(lines)) > 1
    kept = np.flatnonzero((several | lines["promise_date"].isna().to_numpy())[line])
    attached = (
        Attached("Deliveries", deliveries.iloc[kept], {"date": "on", "quantity": "units"}, line[kept]),
        Attached(
            "Supply that arrives there, for all its lines",
            basis.supply.head(MOST_SUPPLY),
            {"arrival": "on", "quantity": "units", "how": "how", "start": "begun"},
        ),
    )
    return pack_lines(lines, fields, attached, command=command)
