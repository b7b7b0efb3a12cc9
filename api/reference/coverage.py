"""Coverage of the law: the data file docs/coverage.toml as a document people read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from api.reference.headings import TEXTS, english_first
from api.sentences import sentence
from ledger.errors import MalformedError

KINDS = ("guard", "fact", "parameter", "record", "structure", "flag", "declaratory")


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One rule id: the text's own words, what serves it (kind, name), and the files that show it."""

    rule: str
    about: str
    serves: tuple[tuple[str, str], ...]
    shown: tuple[str, ...]


def read_coverage(text: str) -> list[CoverageRow]:
    """Parse docs/coverage.toml; MalformedError names the rule at fault."""
    rows = []
    for rule, row in tomllib.loads(text).items():
        if row.keys() != {"about", "serves", "shown"}:
            raise MalformedError("invalid_coverage", sentence("{rule}: has about, serves, shown", rule=rule))
        serves = tuple((kind, name) for kind, _, name in (item.partition(" ") for item in row["serves"]))
        unknown = [kind for kind, _ in serves if kind not in KINDS]
        if unknown or not serves:
            raise MalformedError("invalid_coverage", sentence("{rule}: serves {unknown}", rule=rule, unknown=unknown))
        rows.append(CoverageRow(rule, row["about"], serves, tuple(row["shown"])))
    return rows


def coverage_document(rows: list[CoverageRow]) -> str:
    """The table by regulation, with counts by kind."""
    title = english_first(sentence("Coverage of the law"))
    words = sentence("words of the text").in_language("zh")
    lines = [
        f"# {title}",
        "",
        "Every rule of the five texts, what serves it, and the scenario or test that shows it. Written by `make "
        "spec` from",
        "`coverage.toml`; `tests/law/test_coverage.py` checks each row against the code, the packs and the "
        "scenario files.",
        "`flag` rows wait for the inspector's questions; `declaratory` rules bind nobody and are kept as words "
        "of the text.",
        "",
    ]
    for place, name in TEXTS.items():
        own = [row for row in rows if row.rule.startswith(f"{place}-")]
        counts = {kind: sum(any(k == kind for k, _ in r.serves) for r in own) for kind in KINDS}
        shown = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
        lines += [
            f"## {name}: {len(own)}",
            "",
            shown,
            "",
            f"| rule | {words} | served by | shown by |",
            "|---|---|---|---|",
        ]
        for row in own:
            serves = "; ".join(f"{kind} `{what}`" if what else kind for kind, what in row.serves)
            files = ", ".join(f"`{path.rpartition('/')[2]}`" for path in row.shown)
            lines.append(f"| {row.rule} | {row.about} | {serves} | {files} |")
        lines.append("")
    return "\n".join(lines)
