"""Questions of inspectors, offices, applicants, reviewers and the public, each with the one call that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from api.sentences import sentence


@dataclass(frozen=True, slots=True)
class Question:
    """Placeholders in braces are for the asker; ``inquiry`` and the rest are what the API and the command line are
    called with.
    """

    number: int
    who: str
    zh: str
    en: str
    path: str
    command: str

    def to_json(self) -> dict[str, object]:
        return {
            "number": self.number,
            "who": self.who,
            "zh": self.zh,
            "en": self.en,
            "get": self.path,
            "command": self.command,
        }


def _inspect(number: int, who: str, zh: str, en: str, inquiry: str, query: str, dates: str = "") -> Question:
    """``query`` is ``name=value`` pairs by ``&``; ``dates`` the same for D and K."""
    pairs = [p for p in query.split("&") if p]
    named = {"as_of": "--on", "known_at": "--known"}
    options = " ".join(f"{named[p.partition('=')[0]]} {p.partition('=')[2]}" for p in dates.split("&") if p)
    tail = "&".join([*pairs, *(p for p in dates.split("&") if p)])
    command = " ".join(x for x in (f"rongjian inspect {{log}} {inquiry}", *pairs, options) if x)
    return Question(number, who, zh, en, f"/v1/logs/{{log}}/inspect/{inquiry}{'?' + tail if tail else ''}", command)


def _fact(number: int, who: str, zh: str, en: str, fact: str, kind: str, subject: str) -> Question:
    return Question(
        number,
        who,
        zh,
        en,
        f"/v1/logs/{{log}}/facts/{fact}?subject={subject}&as_of={{day}}",
        f"rongjian as-of {{log}} {kind} {subject} --fact {fact} --on {{day}}",
    )


_I, _S, _A, _P = "inspector", "office", "applicant or reviewer", "public"

QUESTIONS: tuple[Question, ...] = (
    Question(
        1,
        _I,
        *sentence("An edition as it stood on a day, with only what was recorded by then"),
        "/v1/logs/{log}/editions/{edition}?as_of={day}&known_at={day}",
        "rongjian as-of {log} edition {edition} --on {day} --known {day}",
    ),
    _inspect(
        2,
        _I,
        *sentence("The same day as we know it today: which facts differ, and which late entries made the difference"),
        "difference",
        "kind=edition&subject={edition}&from_on={day}&from_known={day}",
        "as_of={day}",
    ),
    _inspect(
        3,
        _I,
        *sentence(
            "Why an organisation got the award: every act, who, role, when it happened and was recorded, article"
        ),
        "narrative",
        "award={award}",
    ),
    _inspect(
        4,
        _I,
        *sentence("Who acted while recused, undeclared or not qualified"),
        "flags",
        "flag=RF01,RF02,RF03",
    ),
    _inspect(
        5,
        _I,
        *sentence("Which scores were changed after the cut or the report, by whom, and would the result have changed"),
        "flags",
        "flag=RF13,RF14",
    ),
    _inspect(
        6,
        _I,
        *sentence("Was anything decided before the notice ended or with an objection open"),
        "flags",
        "flag=RF17,RF18,RF19",
    ),
    _inspect(
        7,
        _I,
        *sentence("Who was accepted in spite of a ban, a waiting time or an incident, and was that known at the time"),
        "flags",
        "flag=RF07,RF08",
    ),
    _inspect(
        8,
        _I,
        *sentence("Was every payment due, made once and after approval; what is still to be clawed back"),
        "money",
        "",
    ),
    _inspect(
        9,
        _I,
        *sentence("Which entries rest on a compromised key, or a role not held"),
        "flags",
        "flag=RF38",
    ),
    _inspect(
        10,
        _I,
        *sentence("Did one person act in two roles, and did the office investigate itself"),
        "flags",
        "flag=RF37,RF20",
    ),
    _fact(
        11,
        _I,
        *sentence("Who opened a case's restricted data and why; is a value shown the one committed"),
        "disclosure.register",
        "case",
        "{case}",
    ),
    _fact(
        12,
        _I,
        *sentence("Which decisions rest on a silence, or on a reading made afterwards"),
        "edition.undetermined",
        "edition",
        "{edition}",
    ),
    _inspect(
        13,
        _S,
        *sentence("The next step of each case, who must act, by when"),
        "next-steps",
        "edition={edition}",
        "as_of={day}",
    ),
    _fact(
        14,
        _S,
        *sentence("When the notice ends, and the earliest day for the decision"),
        "notice.end",
        "notice",
        "{notice}",
    ),
    _fact(
        15,
        _S,
        *sentence("How many places are left, and which winners do not count"),
        "edition.quota",
        "edition",
        "{edition}",
    ),
    _fact(
        16,
        _S,
        *sentence("May an organisation apply; if not, from when and why"),
        "org.reapply",
        "org",
        "{org}",
    ),
    _inspect(
        17,
        _S,
        *sentence("Which reviewers may act on a case, and is the panel then of lawful size"),
        "reviewers",
        "case={case}",
        "as_of={day}",
    ),
    _inspect(
        18,
        _S,
        *sentence("What follows if an organisation wins"),
        "what-if",
        "win={open_case}",
        "as_of={day}",
    ),
    _inspect(
        19,
        _S,
        *sentence("Which duties fall due in 90 days, which are overdue"),
        "duties",
        "days=90",
        "as_of={day}",
    ),
    _inspect(
        20,
        _S,
        *sentence("If an award is revoked today on a ground: what follows, and what is not settled"),
        "what-if",
        "revoke={valid_award}&ground={ground}",
        "as_of={day}",
    ),
    _inspect(
        21,
        _S,
        *sentence("Which version governs an edition, and what a new text changes"),
        "governing",
        "edition={edition}",
        "as_of={day}",
    ),
    Question(
        22,
        _A,
        *sentence("Where is my application, what is missing, when is an answer due"),
        "/v1/logs/{log}/cases/{case}?as_of={day}",
        "rongjian as-of {log} case {case} --on {day}",
    ),
    _fact(23, _A, *sentence("Why was I not eligible or not shortlisted"), "case.eligibility", "case", "{case}"),
    _fact(
        24,
        _A,
        *sentence("How may I use the title, until when, and what must I hand in"),
        "award.duties",
        "award",
        "{award}",
    ),
    _inspect(25, _A, *sentence("Which of my acts as a reviewer are on record"), "person", "person={person}"),
    _fact(
        26,
        _A,
        *sentence("Who has seen my business secrets; were they erased"),
        "disclosure.register",
        "case",
        "{case}",
    ),
    _inspect(
        27,
        _P,
        *sentence("Who holds the award, from which edition, until when; which were revoked and why"),
        "holders",
        "",
        "as_of={day}",
    ),
    _inspect(
        28,
        _P,
        *sentence("Which candidates are on notice, until when and how to object"),
        "notices",
        "all=1",
        "as_of={day}",
    ),
    _inspect(
        29,
        _P,
        *sentence("Prize money paid and clawed back per edition; how many applied and were refused"),
        "statistics",
        "",
        "as_of={day}",
    ),
    Question(
        30,
        _P,
        *sentence("Which rules applied, and how to check that a page agrees with the ledger"),
        "/v1/logs/{log}/packs?as_of={day}",
        "rongjian inspect {log} governing edition={edition} --on {day}",
    ),
)
