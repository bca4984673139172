"""The formulation as a document: written from the rules themselves, so that it cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import as_file, files
from typing import Any

from firmdate.formulation.linear_program import declare, objective_order
from firmdate.formulation.model_data import model_data
from firmdate.formulation.rules import CONSTRAINTS, OBJECTIVES, Indexed
from firmdate.formulation.sets import ModelData


def math_document() -> str:
    """The formulation in Markdown with LaTeX formulas: sets, parameters, variables, constraints and objective levels.

    The declarations are those of the tutorial, whose sizes are not shown: they are the same for every problem.
    """
    data = _declarations()
    model = declare(data, fill=False)
    parts = [
        "# The formulation of Firmdate",
        "All quantities are in the item's unit, all capacities in hours or units, all dates in days.",
        "## Sets",
        _table(("set", "meaning"), ((s.name, s.doc) for s in data.sets)),
        "## Relations",
        "A relation gives, for a member of one set, the members of another that belong to it.",
        _table(("relation", "of", "members", "meaning"), ((r.name, r.of, r.members, r.doc) for r in data.relations)),
        "## Parameters",
        _table(("parameter", "over", "meaning"), ((p.name, p.over, p.doc) for p in data.parameters)),
        "## Variables",
        "All variables are at least 0.",
        _table(
            ("variable", "over", "meaning"),
            ((v.name, v.over, v.doc + (" (0 or 1)" if v.whole else "")) for v in data.variables),
        ),
        "## Constraints",
        *(_section(indexed, data, model) for indexed in CONSTRAINTS),
        "## Objective",
        _levels(data),
        *(_section(indexed, data, model) for indexed in OBJECTIVES),
    ]
    return "\n\n".join(parts) + "\n"


def _declarations() -> ModelData:
    """Sets, relations, parameters and variables of the shipped tutorial."""
    from firmdate.data.read import read_planning_data
    from firmdate.network.build import build_network
    from firmdate.scenario.files import load_scenario

    with as_file(files("firmdate") / "templates" / "tutorial") as folder:
        scenario = load_scenario(folder / "tutorial.yaml")
        return model_data(build_network(read_planning_data(scenario.data), scenario))


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header)]
    lines += [(f"`{row[0]}`", *(f"`{cell}`" for cell in row[1:-1]), row[-1].replace("|", "\\|")) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _levels(data: ModelData) -> str:
    """The order in which the levels are minimized, for both kinds of objective."""
    parts = ["The levels are minimized one after the other; each keeps the optimum of all before it."]
    for kind, money in (("tiers", False), ("cost", True)):
        names = list(dict.fromkeys(level.name for level in objective_order(data, money=money)))
        order = ", ".join(f"`{name}`" for name in names)
        parts.append(f"`objective: {kind}`: {order}; the levels of a tier follow each other tier by tier.")
    return "\n\n".join(parts)


def _section(indexed: Indexed, data: ModelData, model: Any) -> str:
    """Name, meaning and formula of one rule."""
    from pyomo.core.expr.template_expr import templatize_rule

    template, index = templatize_rule(model, indexed.rule, getattr(model, indexed.over))
    letter = _letter(indexed.over, ())
    writer = _Latex(data, {id(index[0]): letter})
    quantifier = "" if indexed.over == "ONE" else rf"\qquad \forall\, {letter} \in \text{{{_escaped(indexed.over)}}}"
    meaning = " ".join((indexed.rule.__doc__ or "").split())
    return f"### `{indexed.name}`\n\n{meaning}\n\n$$\n{writer.text(template)} {quantifier}\n$$"


def _letter(name: str, taken: Iterable[str]) -> str:
    """A letter for the members of a set, with primes where it is in use already."""
    letter = name[0].lower()
    while letter in taken:
        letter += "'"
    return letter


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


class _Latex:
    """Writes the expression of a template as LaTeX."""

    def __init__(self, data: ModelData, letters: dict[int, str]) -> None:
        self._members = {r.name: r.members for r in data.relations}
        self._letters = dict(letters)

    def text(self, node: Any) -> str:
        """LaTeX of an expression.

        Raises:
            NotImplementedError: The expression is of a kind that no rule has used so far.
        """
        kind = type(node).__name__
        if isinstance(node, (int, float)):
            text = f"{node:g}"
        elif kind == "IndexTemplate":
            text = self._letters[id(node)]
        elif kind in ("EqualityExpression", "InequalityExpression"):
            sign = " = " if kind == "EqualityExpression" else r" \le "
            text = sign.join(self.text(part) for part in node.args)
        elif kind in ("ProductExpression", "MonomialTermExpression"):
            text = r" \cdot ".join(self.text(part) for part in node.args)
        elif kind in ("NegationExpression", "NPV_NegationExpression"):
            text = f"-{self.text(node.args[0])}"
        else:
            text = self._composed(node, kind)
        return text

    def _composed(self, node: Any, kind: str) -> str:
        """LaTeX of items, sums and sums over sets."""
        if kind.endswith("GetItemExpression"):
            indices = ",".join(self.text(part) for part in node.args[1:])
            return rf"\text{{{_escaped(node.args[0].local_name)}}}_{{{indices}}}"
        if kind == "TemplateSumExpression":
            return self._sum(node)
        if kind in ("SumExpression", "LinearExpression"):
            return self._added(node)
        raise NotImplementedError(f"no LaTeX for {kind}: {node}")

    def _added(self, node: Any) -> str:
        text = ""
        for part in node.args:
            term = self.text(part)
            text += term if not text else f" - {term[1:]}" if term.startswith("-") else f" + {term}"
        return text

    def _sum(self, node: Any) -> str:
        text = ""
        for (iterator,) in node.template_iters():
            source = iterator._set
            if type(source).__name__.endswith("GetItemExpression"):
                name = source.args[0].local_name
                members = rf"\text{{{_escaped(name)}}}({self.text(source.args[1])})"
                letter = _letter(self._members[name], self._letters.values())
            else:
                members = rf"\text{{{_escaped(source.local_name)}}}"
                letter = _letter(source.local_name, self._letters.values())
            self._letters[id(iterator)] = letter
            text += rf"\sum_{{{letter} \in {members}}} "
        body = text + self.text(node._local_args_[0])
        for (iterator,) in node.template_iters():
            del self._letters[id(iterator)]
        return body
