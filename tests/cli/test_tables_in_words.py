"""What people read: names, words, yuan and articles; no id, no code, no fen and no JSON but in lines of details."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.cli.columns import ACROSS, COLUMNS
from api.cli.parser import main
from api.inspector.inquiries import INQUIRIES
from tests.cli.story import LOG, LOOKED_UP, told_story
from tests.pages.figures import FEN

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-")
HASH = re.compile(r"[0-9a-f]{64}")
JSON = re.compile(r'[{\[]"|": ')
#: A word of a program: names of events, of enumerations, of texts and readings.
CODE = re.compile(r"\b[A-Z][a-z]+[A-Z][A-Za-z]+\b|(?<![\w.=])[a-z]+_[a-z_]+\b(?!=)|\b[A-Z]{2}@|:default\b")

#: Lines of details, which stand back behind what is read: what machines and further commands go by.
DETAILS = re.compile(r" +(标识|id|叶哈希|leaf hash|根|root|D[0-9]+|reading\.|ZY@)\b.*|.*(rongjian|参数 |parameter ).*")
#: A reading that was chosen is told by the word that the text of the choice has; no catalogue has these words yet.
CHOSEN = frozenset({"award_document"})


#: These list names that are typed.
NAMES = ("inquiries", "pack")

Say = Callable[..., list[str]]


@pytest.fixture(scope="module")
def say(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Say]:
    """What a command says about the story, in lines."""

    def told(*arguments: str) -> list[str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            assert main(arguments) == 0, arguments
        return out.getvalue().splitlines()

    folder = tmp_path_factory.mktemp("story") / "home"
    with told_story(folder, database_url) as story, pytest.MonkeyPatch.context() as patch:
        for name, value in story.environment.items():
            if name.startswith("RONGJIAN_"):
                patch.setenv(name, value)
        patch.setenv("COLUMNS", "240")
        yield told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_machines_stands_in_what_people_read(language: str, say: Say) -> None:
    found = {}
    for command in LOOKED_UP:
        lines = [line for line in say(*command, "--lang", language) if not DETAILS.fullmatch(line)]
        for kind in (UUID, HASH, JSON, FEN, *([] if command[0] in NAMES else [CODE])):
            words = {word for line in lines for word in kind.findall(line)} - CHOSEN
            if words:
                found[command] = words
    assert found == {}


def test_chinese_answers_have_no_english_sentence(say: Say) -> None:
    """A sentence is three words in a row; names of readings, persons and numbers stand alone."""
    sentence = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")
    told = {c: [x for x in say(*c, "--lang", "zh") if sentence.search(x) and "rongjian" not in x] for c in LOOKED_UP}
    assert {command: lines for command, lines in told.items() if lines} == {}


def test_an_answer_says_names_words_yuan_articles_and_entries(say: Say) -> None:
    told = say("as-of", LOG, "award", "ZY-2023-A", "--on", "2026-01-10", "--lang", "zh")
    assert told[0] == "星河精密制造（演示） ZY-2023-A：事实日 2026-01-10，截至登记第 219 条所知"
    at = told.index("奖项状态与有效期")
    assert told[at : at + 20] == [
        "奖项状态与有效期",
        "  奖项：质量奖",
        "  称谓：区长质量奖/ZY-2023",
        "  组织：星河精密制造（演示）",
        "  届次：ZY-2023",
        "  授予日期：2023-07-06",
        "  跟踪管理期至：2027-07-06",
        "  状态：已撤销",
        "  撤销日期：2025-11-28",
        "  事由：弄虚作假",
        "  依据：《中原区区长质量奖管理办法（修订征求意见稿）》第二十四条第（一）项",
        "  有效期自：2023-07-06",
        "  有效期至：2027-07-06",
        "    条款：《中原区区长质量奖管理办法（修订征求意见稿）》第二十七条、第二十四条、第二十四条第（二）项",
        "    口径：有效期自批准决定之日起算（第 92 条确定）",
        "    口径：有效期届满日为相应日，含当日；无相应日的为月末（默认）",
        "    口径：以事故或行为发生日为准，首尾日含在内（默认）",
        "    据账本第 91、92、193、213 条",
        "    D16 award.status",
        "",
    ]
    assert [line in told for line in ("应得奖金", "  0.00 元", "  已追回：200,000.00 元")] == [True] * 3
    english = say("as-of", LOG, "award", "ZY-2023-A", "--on", "2024-01-01", "--fact", "award.prize_due", "--lang", "en")
    assert english[1:4] == ["", "prize due", "  CNY 200,000.00"]


def test_a_difference_is_told_member_by_member_before_and_after(say: Say) -> None:
    asked = ("diff", LOG, "award", "ZY-2023-A", "--from-on", "2024-01-01", "--on", "2026-01-10", "--lang", "zh")
    told = say(*asked)
    at = told.index("应得奖金")
    assert told[at : at + 6] == [
        "应得奖金",
        "  何处  之前           之后",
        "  —     200,000.00 元  0.00 元",
        "    差别来自：事实日不同",
        "    新据第 213 条",
        "    D18 award.prize_due",
    ]
    assert "  已决定追缴  0.00 元        200,000.00 元" in told


def test_an_entry_is_told_whole_and_by_its_position(say: Say) -> None:
    assert say("show", LOG, "213", "--lang", "zh")[:17] == [
        "第 213 条：撤销授奖",
        "  日期：2025-11-28",
        "  登记时间：北京时间 2025-11-28 09:02:00",
        "  经办：郑州市中原区 GOV（演示）",
        "  签署密钥：郑州市中原区 GOV（演示）、郑州市中原区 SECH（演示）",
        "  所涉：星河精密制造（演示） ZY-2023-A",
        "  依据：《中原区区长质量奖管理办法（修订征求意见稿）》第二十四条第（一）项",
        "  内容：",
        "    奖项编号：ZY-2023-A",
        "    决定编号：DEC-2025-2",
        "    文号：中原政文〔2025〕9904号（演示）",
        "    生效日期：2025-11-28",
        "    事由：弄虚作假",
        "    组织：星河精密制造（演示）",
        "    文件所载禁止申报止日：2029-11-28",
        "    文件所载追缴额：200,000.00 元",
        "    文件所载收回：是",
    ]
    assert "    姓名：未公开" in say("show", LOG, "2", "--lang", "zh")


def test_an_entry_is_found_by_its_position_wherever_an_id_is_taken(say: Say, tmp_path: Path) -> None:
    assert say("trace", LOG, "213", "--lang", "zh")[2].split()[0] == "序号"
    asked = [("inspect", LOG, "trace", event, "--on", "2026-01-10") for event in ("event=213", "revocation=ZY-2023-A")]
    assert say(*asked[0]) == say(*asked[1])
    assert say("proof", "get", LOG, "213", "-o", str(tmp_path), "--lang", "en") == [
        f"written: {tmp_path}/213.json, {tmp_path}/213.tlog-proof"
    ]


def test_an_entry_that_there_is_not_is_refused(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    del say
    assert [main(["show", LOG, position]) for position in ("0", "220", "9" * 30, "-1")] == [2, 2, 2, 2]
    assert "Traceback" not in capsys.readouterr().err


def test_a_list_says_who_did_what_to_whom(say: Say) -> None:
    assert say("show", LOG, "--after", "184", "--limit", "3", "--lang", "zh") == [
        "序号  日期        登记日      行为                    经办       所涉",
        " 185  2023-06-07  2023-06-20  利害关系申明与保密承诺  评审员 P4  星河精密制造（演示） ZY-2023/A",
        " 186  2023-06-07  2023-06-20  评分提交                评审员 P4  星河精密制造（演示） ZY-2023/A",
        " 187  2023-06-21              异议/投诉/举报提出      公众 pub   绿洲社区医院（演示） ZY-2023/B",
    ]


@pytest.mark.parametrize(
    ("options", "shown", "note"),
    [
        ((), 50, "50 of 219 entries shown; --all or --after 50 for the rest\n"),
        (("--after", "200"), 19, "19 of 219 entries shown\n"),
        (("--after", "10", "--limit", "5"), 5, "5 of 219 entries shown; --all or --after 15 for the rest\n"),
        (("--limit", "0"), 0, "0 of 219 entries shown; --all or --after 0 for the rest\n"),
        (("--all",), 219, ""),
        (("--limit", "219"), 219, ""),
        (("--after", "500"), 0, "0 of 219 entries shown\n"),
    ],
)
def test_a_list_that_is_cut_says_so(
    options: tuple[str, ...], shown: int, note: str, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    del say
    capsys.readouterr()
    assert main(["show", LOG, *options, "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert (len(said.out.splitlines()[1:]), said.err) == (shown, note)


def test_every_inquiry_has_columns_of_its_own() -> None:
    assert (set(COLUMNS), set(ACROSS)) == (set(INQUIRIES) - {"narrative"}, {"flags", "organisation", "patterns"})
