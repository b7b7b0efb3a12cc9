"""Articles as people cite them, in the numbering of each text."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from ledger.regulation.citations import cited

PACKS = Path(str(files("ledger.regulation"))) / "packs"


TOLD: list[tuple[str | list[str], str, str]] = [
    ("ZY:24(2)", "第二十四条第（二）项", "Art. 24(2)"),
    ("13(1)", "第十三条第（一）项", "Art. 13(1)"),
    ("HY:10", "第十条", "Art. 10"),
    ("30", "第三十条", "Art. 30"),
    ("99", "第九十九条", "Art. 99"),
    ("13(0)", "第十三条", "Art. 13"),
    ("14(3)-(6)", "第十四条第（三）项至第（六）项", "Art. 14, items 3 to 6"),
    ("8-16,18", "第八条至第十六条、第十八条", "Art. 8 to Art. 16, Art. 18"),
    (["ZY:9(3),17(5)", "ZY:3"], "第九条第（三）项、第十七条第（五）项、第三条", "Art. 9(3), Art. 17(5), Art. 3"),
    ("JD:七(五)", "第七部分第（五）项", "part 7(5)"),
    ("五(四)3", "第五部分第（四）项第3目", "part 5(4), no. 3"),
    ("二", "第二部分", "part 2"),
    ("四.6(§14)", "政策解读第四部分第6点（第十四条）", "interpretation, part 4, point 6 (Art. 14)"),
    ("四.3(§7,8)", "政策解读第四部分第3点（第七条、第八条）", "interpretation, part 4, point 3 (Art. 7, Art. 8)"),
    ("Art. 5", "Art. 5", "Art. 5"),
    ("0", "0", "0"),
    ("", "", ""),
    ("一一(三)", "一一(三)", "一一(三)"),
]


@pytest.mark.parametrize(("citations", "chinese", "english"), TOLD)
def test_a_citation_is_told_as_its_text_numbers(citations: str | list[str], chinese: str, english: str) -> None:
    assert cited(citations) == (chinese, english)


def articles_of_packs() -> set[str]:
    """Every article that a pack names."""
    packs = [pack.read_text("utf-8") for pack in PACKS.rglob("*.toml")]
    return {article for pack in packs for article in re.findall(r'article = "([^"]+)"', pack)}


def test_every_article_that_a_pack_names_has_words() -> None:
    stated = articles_of_packs()
    assert len(stated) > 100
    told = {article: cited(article) for article in stated}
    assert {a: zh for a, (zh, _) in told.items() if re.search(r"[0-9(.§]", re.sub(r"第[0-9]+[点目]", "", zh))} == {}
    assert {a: en for a, (_, en) in told.items() if re.search(r"[\u4e00-\u9fff]", en)} == {}
