"""Thirty questions of inspectors, offices, applicants, reviewers and the public: each with its one call."""

from __future__ import annotations

from dataclasses import dataclass


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
        "按某日已登记的内容，重建届次当日的状况",
        "An edition as it stood on a day, with only what was recorded by then",
        "/v1/logs/{log}/editions/{edition}?as_of={day}&known_at={day}",
        "rongjian as-of {log} edition {edition} --on {day} --known {day}",
    ),
    _inspect(
        2,
        _I,
        "同一天，以今天所知：哪些事实不同，哪些迟录造成",
        "The same day as we know it today: which facts differ, and which late entries made the difference",
        "difference",
        "kind=edition&subject={edition}&from_on={day}&from_known={day}",
        "as_of={day}",
    ),
    _inspect(
        3,
        _I,
        "某组织为何获奖：每一行为、何人、何岗位、何时发生与登记、依据何条",
        "Why an organisation got the award: every act, who, role, when it happened and was recorded, article",
        "narrative",
        "award={award}",
    ),
    _inspect(
        4,
        _I,
        "谁在回避、未申明或不合格时仍行事",
        "Who acted while recused, undeclared or not qualified",
        "flags",
        "flag=RF01,RF02,RF03",
    ),
    _inspect(
        5,
        _I,
        "入围或报告后谁改了分，结果是否会变",
        "Which scores were changed after the cut or the report, by whom, and would the result have changed",
        "flags",
        "flag=RF13,RF14",
    ),
    _inspect(
        6,
        _I,
        "是否有公示未满或异议未结即决定",
        "Was anything decided before the notice ended or with an objection open",
        "flags",
        "flag=RF17,RF18,RF19",
    ),
    _inspect(
        7,
        _I,
        "哪些组织在禁申、等待期或否决情形下仍被受理，当时是否知悉",
        "Who was accepted although a ban, a waiting time or an incident stood against them, and was it known",
        "flags",
        "flag=RF07,RF08",
    ),
    _inspect(
        8,
        _I,
        "每一元是否应付、只付一次、批准后付；尚有多少待追缴",
        "Was every yuan due, paid once, after approval; what is still to be clawed back",
        "money",
        "",
    ),
    _inspect(
        9,
        _I,
        "哪些条目出自泄露的密钥或没有的岗位",
        "Which entries rest on a compromised key, or a role not held",
        "flags",
        "flag=RF38",
    ),
    _inspect(
        10,
        _I,
        "是否一人两岗，秘书处是否自查",
        "Did one person hold two seats, did the office investigate itself",
        "flags",
        "flag=RF37,RF20",
    ),
    _fact(
        11,
        _I,
        "谁启封了某案受限数据、为何；所示值是否即当时承诺的值",
        "Who opened a case's restricted data and why; is a value shown the one committed",
        "disclosure.register",
        "case",
        "{case}",
    ),
    _fact(
        12,
        _I,
        "哪些决定依据未规定之处，或事后才定的口径",
        "Which decisions rest on a silence, or on a reading made afterwards",
        "edition.undetermined",
        "edition",
        "{edition}",
    ),
    _inspect(
        13,
        _S,
        "各案下一步是什么、由谁、何时前",
        "The next step of each case, who must act, by when",
        "next-steps",
        "edition={edition}",
        "as_of={day}",
    ),
    _fact(
        14,
        _S,
        "公示何日届满，最早何日可决定",
        "When the notice ends, and the earliest day for the decision",
        "notice.end",
        "notice",
        "{notice}",
    ),
    _fact(
        15,
        _S,
        "各奖项、行业还有多少名额，哪些获奖不占名额",
        "How many places are free, and which winners do not count",
        "edition.quota",
        "edition",
        "{edition}",
    ),
    _fact(
        16,
        _S,
        "某组织今年可否申报，否则从何时、因何规则",
        "May an organisation apply; if not, from when and why",
        "org.reapply",
        "org",
        "{org}",
    ),
    _inspect(
        17,
        _S,
        "某案可用哪些无冲突的评审员，人数是否合规",
        "Which reviewers may act on a case, and is the panel then of lawful size",
        "reviewers",
        "case={case}",
        "as_of={day}",
    ),
    _inspect(
        18,
        _S,
        "某组织再次获奖有何后果",
        "What follows if an organisation wins",
        "what-if",
        "win={open_case}",
        "as_of={day}",
    ),
    _inspect(
        19,
        _S,
        "90 日内哪些获奖后义务到期，哪些已逾期",
        "Which duties fall due in 90 days, which are overdue",
        "duties",
        "days=90",
        "as_of={day}",
    ),
    _inspect(
        20,
        _S,
        "今天以某事由撤销某奖项，后果如何，哪些文本未定",
        "If an award is revoked today on a ground: what follows, and what is not settled",
        "what-if",
        "revoke={valid_award}&ground={ground}",
        "as_of={day}",
    ),
    _inspect(
        21,
        _S,
        "本届适用哪个版本，新文本施行会改变什么",
        "Which version governs an edition, and what a new text changes",
        "governing",
        "edition={edition}",
        "as_of={day}",
    ),
    Question(
        22,
        _A,
        "我的申报到哪一步，缺什么，何时有答复",
        "Where is my application, what is missing, when is an answer due",
        "/v1/logs/{log}/cases/{case}?as_of={day}",
        "rongjian as-of {log} case {case} --on {day}",
    ),
    _fact(
        23, _A, "为何不合格或未入围", "Why was I not eligible or not shortlisted", "case.eligibility", "case", "{case}"
    ),
    _fact(
        24,
        _A,
        "称号如何使用、至何时，须交什么、何时交",
        "How may I use the title, until when, and what must I hand in",
        "award.duties",
        "award",
        "{award}",
    ),
    _inspect(25, _A, "我（评审员）有哪些行为在案", "Which of my acts are on record", "person", "person={person}"),
    _fact(
        26,
        _A,
        "谁看过我的商业秘密，是否已按请求删除",
        "Who has seen my business secrets; were they erased",
        "disclosure.register",
        "case",
        "{case}",
    ),
    _inspect(
        27,
        _P,
        "现有哪些获奖者、哪届、至何时；哪些被撤销、为何",
        "Who holds the award, from which edition, until when; which were revoked and why",
        "holders",
        "",
        "as_of={day}",
    ),
    _inspect(
        28,
        _P,
        "现在公示哪些候选者，何时前、如何提异议",
        "Which candidates are on notice, until when and how to object",
        "notices",
        "all=1",
        "as_of={day}",
    ),
    _inspect(
        29,
        _P,
        "每届发放、追缴多少奖金，多少申报、落选",
        "Prize money paid and clawed back per edition; how many applied and were refused",
        "statistics",
        "",
        "as_of={day}",
    ),
    Question(
        30,
        _P,
        "当年适用什么规则，如何核对本页与账本一致",
        "Which rules applied, and how to check that a page agrees with the ledger",
        "/v1/logs/{log}/packs?as_of={day}",
        "rongjian inspect {log} governing edition={edition} --on {day}",
    ),
)
