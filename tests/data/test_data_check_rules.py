"""Checks of what the rules of a backlog need: lot sizes, substitutes, commitments, splits and ship sets."""

from __future__ import annotations

from pathlib import Path

from data_samples import check_only

from firmdate.data.check_lots import parse_packs

DEMANDS = "order,line,item,location,quantity,requested_date\n1,1,A,L,8,2021-01-08\n"


def test_lot_sizes_that_no_order_keeps(tmp_path: Path) -> None:
    rows = (
        "6/x,,,,",
        "0/-3,,,,",
        ",10,5,,",
        ",,5,8,",
        ",6,7,4,",
        "12/18,,10,,",
        "6,,,8,",
        "6,,,3,0.1",
        "6,,,,1.5",
        ",,,,0.1",
    )
    text = "".join(f"S{number},A,L,1,{row}\n" for number, row in enumerate(rows))
    columns = "supplier,item,location,lead_time_days,pack_sizes,minimum,maximum,multiple,pack_tolerance"
    never = "no order can keep these limits, so nothing would ever be ordered"
    assert check_only(tmp_path, demands=DEMANDS, supplier_items=f"{columns}\n{text}") == [
        "supplier_items.csv:2: pack_sizes: is a list of pack sizes such as 6/12/18 (got '6/x')",
        "supplier_items.csv:3: pack_sizes: is a list of pack sizes such as 6/12/18 (got '0/-3')",
        "supplier_items.csv:4: maximum: lies below the minimum 10 (got 5)",
        f"supplier_items.csv:5: maximum: {never} (got minimum blank, multiple '8', maximum '5')",
        f"supplier_items.csv:6: maximum: {never} (got minimum '6', multiple '4', maximum '7')",
        "supplier_items.csv:7: pack_sizes: even the smallest pack is more than the maximum 10 (got 12)",
        "warning: supplier_items.csv:8: multiple: not kept, since packs decide (got multiple '8', pack_sizes '6')"
        "; leave it out",
        "supplier_items.csv:10: pack_tolerance: must be below 1, since it is a share such as 0.1 (got 1.5)",
        "warning: supplier_items.csv:11: pack_tolerance: pack_sizes is blank, so there is nothing that it is a "
        "tolerance of",
    ]


def test_pack_sizes_are_read_as_people_write_them() -> None:
    assert parse_packs("18; 6,12") == (6.0, 12.0, 18.0)
    assert parse_packs("six") == ()
    assert parse_packs("0/6") == ()


def test_substitutes_that_contradict_themselves(tmp_path: Path) -> None:
    rows = "A,A,1,one_way,,\nA,B,1,one_way,2021-02-01,2021-01-01\nA,C,2,mutual,,\nC,A,2,mutual,,\nA,D,2,mutual,,\n"
    found = check_only(
        tmp_path,
        demands=DEMANDS,
        on_hand="item,location,quantity\nA,L,8\n",
        substitutions=f"item,substitute,ratio,direction,effective_from,effective_to\n{rows}D,A,.5,mutual,,\n",
    )
    assert found == [
        "substitutions.csv:2: substitute: an item cannot replace itself (got 'A'); name another one",
        "substitutions.csv:3: effective_to: the row ends before it begins (got effective_from '2021-02-01', "
        "effective_to '2021-01-01')",
        "substitutions.csv:5: ratio: contradicts the row of the other way in substitutions.csv:4 (got item 'C', "
        "substitute 'A', ratio '2'); it must be 0.5",
    ]


def test_lines_whose_columns_leave_each_other_without_effect(tmp_path: Path) -> None:
    columns = "order,line,item,location,quantity,requested_date,delivery_lead_time_days,enforce_commit,partial"
    rows = (
        "1,1,A,L,8,2021-01-08,,true,,,,",
        "1,2,A,L,8,2021-01-08,,,false,2,,",
        "1,3,A,L,8,2021-01-08,3,,,,K,2021-01-12",
        "1,4,A,L,8,2021-01-10,,,,,K,",
        "1,5,A,L,8,2021-01-08,3,,,,J,2021-01-13",
        "1,6,A,L,8,2021-01-10,,,,,J,",
    )
    text = "\n".join((f"{columns},maximum_deliveries,ship_set,latest_acceptable_date", *rows, ""))
    assert check_only(tmp_path, demands=text, on_hand="item,location,quantity\nA,L,8\n") == [
        "warning: demands.csv:2: enforce_commit: there is no scheduled_date that could be enforced; give the date",
        "warning: demands.csv:3: maximum_deliveries: without effect, since partial is false (got 2)",
        "warning: demands.csv:4: latest_acceptable_date: another line of the set is not wanted before 2021-01-10, "
        "so the set never leaves (got ship_set 'K', latest_acceptable_date '2021-01-12')",
    ]
