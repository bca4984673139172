from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from firmdate.scenario import yaml_text
from firmdate.scenario.yaml_text import MAX_DEPTH, parse_yaml, read_yaml
from scenario.refusals import refused, write


def parse(text: str) -> object:
    return parse_yaml(text, "s.yaml").plain()


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "_LOADER", getattr(yaml, request.param))


TRAPS = "NO no off true 0012 012 0x1F 0b10 12:30 3.10 1e2 1_000 .5 2021-01-04 NULL Null .nan .inf = +1"


@pytest.mark.parametrize("text", TRAPS.split())
def test_every_scalar_stays_the_text_that_was_written(text: str) -> None:
    assert parse(f"key: {text}") == {"key": text}
    assert parse(f"{{{text}: [{text}]}}") == {text: [text]}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_nothing_a_tilde_and_null_are_blank_unless_quoted(text: str) -> None:
    assert parse(f"key: {text}") == {"key": None}
    assert parse(f"key: '{text}'") == {"key": text}


def test_positions_of_keys_and_items() -> None:
    root = parse_yaml("a: 1\nb:\n  - {c: 2, d: [x, y]}\n", "s.yaml")

    assert root.position([]) == (1, 1)
    assert root.position(["a"]) == (1, 1)
    assert root.position(["b", 0]) == (3, 5)
    assert root.position(["b", 0, "d"]) == (3, 12)
    assert root.position(["b", 0, "d", 1]) == (3, 19)
    assert root.position(["b", "was not written", 0, "c"]) == (3, 6)


def test_columns_count_characters_and_not_bytes() -> None:
    assert refused(parse, "{Größe: 1, Größe: 2}") == [
        "s.yaml:1:12: duplicate key 'Größe' (first in line 1); keep one of them"
    ]


def test_aliases_stand_for_their_anchor() -> None:
    assert parse("a: &x {item: A}\nb: *x\nc: [*x, &y 5, *y]") == {
        "a": {"item": "A"},
        "b": {"item": "A"},
        "c": [{"item": "A"}, "5", "5"],
    }


REFUSED = {
    "a: 1\nb: 2\na: 3": "s.yaml:3:1: duplicate key 'a' (first in line 1); keep one of them",
    "a: {b: 1, c: 2, b: 3}": "s.yaml:1:17: duplicate key 'b' (first in line 1); keep one of them",
    "a: 1\n---\nb: 2": "s.yaml:2:1: a second document begins here; keep one scenario in a file",
    "a: !!python/object/apply:os.system [ls]": (
        "s.yaml:1:4: tags are not read (got tag:yaml.org,2002:python/object/apply:os.system); write the value alone"
    ),
    "a: !!str 0012": "s.yaml:1:4: tags are not read (got tag:yaml.org,2002:str); write the value alone",
    "a: !secret x": "s.yaml:1:4: tags are not read (got !secret); write the value alone",
    "!x\na: 1": "s.yaml:1:1: tags are not read (got !x); write the value alone",
    "base: &b {c: 1}\na:\n  <<: *b": "s.yaml:3:3: merge keys are not read; write the keys out, or use extends",
    "&k a: 1": "s.yaml:1:1: a key cannot be an anchor; put the anchor before the value",
    "a: *x": "s.yaml:1:4: unknown alias *x; write the anchor &x before it",
    "a: &x [1, *x]": "s.yaml:1:11: alias *x stands inside of its own anchor",
    "a: &x b\n*x : 1": "s.yaml:2:1: a key must be text (got alias *x)",
    "? [a, b]\n: 1": "s.yaml:1:3: a key must be text (got a list or mapping)",
    "? {a: b}\n: 1": "s.yaml:1:3: a key must be text (got a list or mapping)",
    "a: x\x07": "s.yaml:1:5: holds a control character (got U+0007); save the file as plain text",
    "a: b: c": (
        "s.yaml:1:5: is not YAML: mapping values are not allowed in this context; put a text that holds ': ' in quotes"
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_scenario_must_not_use_is_refused_with_its_place(text: str) -> None:
    (said,) = refused(parse, text)

    assert said.replace("not allowed here", "not allowed in this context") == REFUSED[text]


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a:\n\tb: 1", "s.yaml:2:1", "indent with spaces, not with tabs"),
        ("a: @home", "s.yaml:1:4", "put the text in quotes"),
        ("a: `x`", "s.yaml:1:4", "put the text in quotes"),
        ("a: %x", "s.yaml:1:4", "put the text in quotes"),
    ],
)
def test_characters_that_cannot_begin_a_value_come_with_advice(text: str, place: str, hint: str) -> None:
    (said,) = refused(parse, text)

    assert said.startswith(f"{place}: is not YAML: ")
    assert said.endswith(f"; {hint}")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2", "s.yaml:"),
        ("a: {b: 1", "s.yaml:"),
        ("a: 'x", "s.yaml:1:"),
        ("a: [1]]", "s.yaml:1:7"),
        ("%YAML 3.0\n---\na: 1", "s.yaml:1:1"),
    ],
)
def test_broken_yaml_is_refused_with_its_place(text: str, place: str) -> None:
    (said,) = refused(parse, text)

    assert said.startswith(place)
    assert "is not YAML: " in said


def test_duplicate_keys_and_tags_of_a_file_are_all_reported() -> None:
    assert refused(parse, "a: 1\na: 2\nb: !x 3\nc: {d: 1, d: 2}") == [
        "s.yaml:2:1: duplicate key 'a' (first in line 1); keep one of them",
        "s.yaml:3:4: tags are not read (got !x); write the value alone",
        "s.yaml:4:11: duplicate key 'd' (first in line 4); keep one of them",
    ]


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_before_it_is_built(bracket: str) -> None:
    (said,) = refused(parse, bracket * 100_000)

    column = MAX_DEPTH * len(bracket) + 1
    assert said == f"s.yaml:1:{column}: is nested deeper than {MAX_DEPTH} levels; a scenario needs 5"


def test_nesting_at_the_limit_is_read() -> None:
    value = parse("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH)
    depth = 0
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    assert (value, depth) == ("x", MAX_DEPTH)


def test_nesting_through_aliases_counts() -> None:
    half = MAX_DEPTH // 2
    deep = "[" * half + "x" + "]" * half
    ok = f"a: &a {deep}\nb: {'[' * (half - 1)}*a{']' * (half - 1)}"
    assert isinstance(parse(ok), dict)

    (said,) = refused(parse, f"a: &a {deep}\nb: {'[' * half}*a{']' * half}")
    assert said == f"s.yaml:2:{half + 4}: is nested deeper than {MAX_DEPTH} levels; a scenario needs 5"


def test_an_alias_bomb_is_refused_at_the_alias_that_makes_it_too_large() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]

    (said,) = refused(parse, "\n".join(lines))

    assert said == "s.yaml:7:10: alias *a5 makes the file expand to more than 2,000,000 values"


def test_more_values_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_VALUES", 5)

    assert parse("[a, b, c, d]") == ["a", "b", "c", "d"]
    assert refused(parse, "[a, b, c, d,\n e]") == [
        "s.yaml:2:2: has more than 5 values; put rows into a table of the data instead"
    ]


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(path: Path) -> list[str]:
        return refused(read_yaml, path, path.name)

    assert said(tmp_path / "none.yaml") == ["none.yaml: there is no such file"]
    assert said(write(tmp_path, "plain", "x") / "s.yaml") == ["s.yaml: cannot be read (Not a directory)"]
    (tmp_path / "folder").mkdir()
    assert said(tmp_path / "folder") == ["folder: is a folder; name a scenario file in it"]
    (tmp_path / "latin.yaml").write_bytes("a: 1\nname: Müller".encode("latin-1"))
    assert said(tmp_path / "latin.yaml") == ["latin.yaml:2: is not UTF-8 (got byte 0xfc); save the file as UTF-8"]
    (tmp_path / "utf16.yaml").write_bytes("a: 1".encode("utf-16"))
    assert said(tmp_path / "utf16.yaml") == ["utf16.yaml:1: is not UTF-8 (got byte 0xff); save the file as UTF-8"]
    assert refused(read_yaml, Path("a\0b"), "s.yaml") == ["s.yaml: cannot be read (embedded null byte)"]
    monkeypatch.setattr(yaml_text, "MAX_BYTES", 2**20)
    large = write(tmp_path, "large.yaml", "a: 1\n" + "#" * 2**20)
    assert said(large) == ["large.yaml: is larger than 1 MB; put rows into a table of the data instead"]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")

    assert read_yaml(tmp_path / "s.yaml", "s.yaml").plain() == {"a": "1", "b": "x"}
