"""Cells become values, or a message that says what is expected and what was given."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmdate.data.columns import Column, Kind
from firmdate.data.raw import distinct_column, object_column
from firmdate.data.suggest import closest, did_you_mean, got, listed
from firmdate.data.values import Unreadable, cell_text, parse_texts, parse_value


def column(kind: Kind) -> Column:
    return Column("c", kind, "For the test", choices=("order", "forecast") if kind == "choice" else ())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("id", "0012", "0012"),
        ("id", "NO", "NO"),
        ("id", "nan", "nan"),
        ("text", "a, b", "a, b"),
        ("choice", "forecast", "forecast"),
        ("number", "1.50", 1.5),
        ("number", "-.5e1", -5.0),
        ("number", "+3.", 3.0),
        ("integer", "7", 7),
        ("integer", "7.0", 7),
        ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("date", "2021-01-04T00:00:00", dt.date(2021, 1, 4)),
        ("date", "2021-01-04 00:00:00.000Z", dt.date(2021, 1, 4)),
        ("date", "2021-01-04 00:00+02:00", dt.date(2021, 1, 4)),
        ("flag", "TRUE", True),
        ("flag", "Yes", True),
        ("flag", "1", True),
        ("flag", "false", False),
        ("flag", "NO", False),
        ("flag", "0", False),
    ],
)
def test_value(kind: Kind, text: str, value: object) -> None:
    parsed = parse_value(column(kind), text)
    assert parsed == value
    assert type(parsed) is type(value)


DECIMAL_POINT = "; write it with a decimal point and no thousands separator"
NO_SEPARATORS = "; write it without thousands separators, with a decimal point"


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("number", "1,5", f"not a number (got '1,5'){DECIMAL_POINT}"),
        ("number", "1,234.5", f"not a number (got '1,234.5'){NO_SEPARATORS}"),
        ("number", "1 000", f"not a number (got '1 000'){NO_SEPARATORS}"),
        ("number", "1e400", "number too large (got '1e400'); check its unit"),
        ("number", "nan", "not a finite number (got 'nan'); leave it blank where nothing is meant"),
        ("number", "-inf", "not a finite number (got '-inf'); leave it blank where nothing is meant"),
        ("number", "Infinity", "not a finite number (got 'Infinity'); leave it blank where nothing is meant"),
        ("number", "1_000", "not a number (got '1_000'); write digits, such as 12 or 12.5"),
        ("number", "١٢", "not a number (got '١٢'); write digits, such as 12 or 12.5"),
        ("number", "ten", "not a number (got 'ten'); write digits, such as 12 or 12.5"),
        ("number", "0x10", "not a number (got '0x10'); write digits, such as 12 or 12.5"),
        ("integer", "2.5", "not a whole number (got '2.5'); write it without a fraction, such as 12"),
        ("integer", "2147483648", "number too large (got '2147483648'); check its unit"),
        ("integer", "two", "not a number (got 'two'); write digits, such as 12 or 12.5"),
        ("date", "04/01/2021", "not a date (got '04/01/2021'); write it as YYYY-MM-DD"),
        ("date", "20210104", "not a date (got '20210104'); write it as YYYY-MM-DD"),
        ("date", "2021-1-4", "not a date (got '2021-1-4'); write it as YYYY-MM-DD"),
        ("date", "2021-02-29", "no such day (got '2021-02-29'); check month and day, as in YYYY-MM-DD"),
        (
            "date",
            "2021-01-04 12:30",
            "not a date (got '2021-01-04 12:30'); write it as YYYY-MM-DD without a time of day",
        ),
        ("flag", "y", "not true or false (got 'y'); write true, false, yes, no, 1 or 0"),
        ("choice", "Order", "not an allowed value (got 'Order'); did you mean 'order'?"),
        ("choice", "xyz", "not an allowed value (got 'xyz'); choose one of: order, forecast"),
        ("id", "A\nB", "a line break, tab or control character inside a cell (got 'A\\nB'); remove it"),
        ("text", "A\tB", "a line break, tab or control character inside a cell (got 'A\\tB'); remove it"),
    ],
)
def test_message(kind: Kind, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_value(column(kind), text)
    assert str(caught.value) == message
    assert parse_texts(column(kind), [text]).errors == {0: message}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("0012", "0012"),
        (12, "12"),
        (12.0, "12"),
        (2**70, "1180591620717411303424"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (np.int8(3), "3"),
        (np.float64(2.5), "2.5"),
        (np.bool_(True), "TRUE"),
        (False, "FALSE"),
        (Decimal("3.10"), "3.1"),
        (Decimal("1E+3"), "1000"),
        (dt.date(2021, 1, 4), "2021-01-04"),
        (dt.datetime(2021, 1, 4), "2021-01-04"),
        (dt.datetime(2021, 1, 4, 12, 30), "2021-01-04 12:30:00"),
        (dt.datetime(2021, 1, 4, tzinfo=dt.UTC), "2021-01-04 00:00:00+00:00"),
        (pd.Timestamp("2021-01-04"), "2021-01-04"),
        (np.datetime64("2021-01-04T00:00", "ns"), "2021-01-04"),
        (dt.time(12, 30), "12:30"),
        (dt.time(12, 30, 5), "12:30:05"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_text_of_a_typed_cell(cell: object, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (float("nan"), "not a finite number (got 'nan'); leave it blank where nothing is meant"),
        (Decimal("Infinity"), "not a finite number (got 'Infinity'); leave it blank where nothing is meant"),
        (b"\x00", "a cell of type bytes cannot be read (got \"b'\\\\x00'\"); turn it into text"),
        (dt.timedelta(hours=1), "a cell of type timedelta cannot be read (got '1:00:00'); turn it into text"),
        (Unreadable("list", "[1, 2]"), "a cell of type list cannot be read (got '[1, 2]'); turn it into text"),
    ],
)
def test_cell_that_cannot_be_read(cell: object, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        cell_text(cell)
    assert str(caught.value) == message


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), unique=True))
def test_numbers_survive_as_text(numbers: list[float]) -> None:
    parsed = parse_texts(column("number"), [cell_text(number) for number in numbers])
    assert parsed.errors == {}
    assert parsed.values.tolist() == numbers


@settings(deadline=None)
@given(st.lists(st.text(alphabet="0123456789+-._eEnaif ,", min_size=1, max_size=6), unique=True))
def test_many_numbers_are_read_as_one_by_one(texts: list[str]) -> None:
    texts = [text.strip() for text in texts if text.strip()]
    parsed = parse_texts(column("number"), texts)
    assert [parsed.errors.get(place, parsed.values[place]) for place in range(len(texts))] == [*map(one, texts)]


def one(text: str) -> object:
    try:
        return parse_value(column("number"), text)
    except ValueError as error:
        return str(error)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", " a", "a ", "b", "", "  ", "c"])))
def test_blanks_around_cells_do_not_count(cells: list[str]) -> None:
    distinct = sorted(set(cells))
    raw = distinct_column(np.array([distinct.index(cell) for cell in cells], dtype=np.intp), distinct)
    assert [raw.texts[code] if code >= 0 else "" for code in raw.codes] == [cell.strip() for cell in cells]
    assert len(set(raw.texts)) == len(raw.texts)


def test_cells_of_mixed_types() -> None:
    raw = object_column([1, "1", 1.0, None, dt.date(2021, 1, 4), [1], "a"])
    assert [raw.texts[code] if code >= 0 else None for code in raw.codes][:5] == ["1", "1", "1", None, "2021-01-04"]
    assert list(raw.errors.values()) == ["a cell of type list cannot be read (got '[1]'); turn it into text"]


def test_suggestions() -> None:
    assert did_you_mean("lane", ["items", "lanes"]) == "; did you mean 'lanes'?"
    assert did_you_mean("xyz", ["items", "lanes"]) == ""
    assert got("x" * 100) == f"(got '{'x' * 59}…')"
    assert listed([str(number) for number in range(9)]) == "0, 1, 2, 3, 4, 5, … (9 in all)"


def test_suggestion_among_very_many_ids() -> None:
    ids = [f"ITEM-{number:06d}" for number in range(50_000)]
    assert closest("ITEM-12345", ids) == "ITEM-012345"
    assert closest("item-O12345", ids) == "ITEM-012345"
    assert closest("something else", ids) is None
