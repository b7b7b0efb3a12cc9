"""A reviewer's pages: nothing of an applicant's material before the declaration, nothing once recused, nothing of
others.
"""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from tests.workplace.cast import Cast

LOG = "ganzhou-practice"


@pytest.fixture
def practice(demo_home: Settings, demo_client: TestClient) -> Cast:
    demo_client.cookies.clear()
    return Cast(demo_home, demo_client, LOG)


def _page(cast: Cast, who: str, path: str, language: str = "zh") -> str:
    cast.enter(who)
    response = cast.client.get(f"/{language}/bench/{cast.log}/{path}")
    assert response.status_code == 200, response.text
    return re.sub(r"\s+", " ", response.text.partition("<main")[2].partition("</main>")[0])


def test_before_the_declaration_nothing_of_the_material_is_shown(practice: Cast) -> None:
    page = _page(practice, "R1", "material/GZ-2026%2FA/")
    assert "请先申明利害关系；此前不开放任何材料。" in page
    assert "record/InterestDeclared/?case_id=GZ-2026%2FA" in page
    assert [word for word in ("申报书哈希", "财务数据", "启封") if word in page] == []


def test_after_the_declaration_the_material_is_shown_and_what_is_restricted_opens_by_a_signed_act(
    practice: Cast,
) -> None:
    page = _page(practice, "R2", "material/GZ-2026%2FA/")
    assert [word in page for word in ("申报书哈希", "财务数据", "亩均税收", "联系人")] == [True, True, True, False]
    form = re.findall(r'href="([^"]*RestrictedDataHandled[^"]*)"', page)[0].replace("&amp;", "&")
    assert "paths=%2Fbusiness_details%2C%2Ffinancials%2C%2Ftax_per_mu&" in form
    assert form.endswith("purpose=%E8%AF%84%E5%AE%A1%E6%9D%90%E6%96%99&legal_basis=GZ%3A18")
    # The values themselves stand nowhere on the page.
    assert "低压铸造" not in page


def test_whoever_is_recused_is_told_so_and_shown_nothing(practice: Cast) -> None:
    page = _page(practice, "R3", "material/GZ-2026%2FB/", "en")
    assert "Your standing in this case is “recused”; its material does not open." in page
    assert "Form hash" not in page


@pytest.mark.parametrize("who", ["A", "sec", "dis"])
def test_who_does_not_review_a_case_has_no_such_page(who: str, practice: Cast) -> None:
    practice.enter(who)
    assert practice.client.get(f"/zh/bench/{LOG}/material/GZ-2026%2FA/").status_code == 403


def test_a_reviewer_sees_what_it_is_the_turn_of_in_each_case(practice: Cast) -> None:
    page = _page(practice, "R3", "")
    rows = [re.sub(r"<[^>]+>", " ", r) for r in re.findall(r"<tr>(.*?)</tr>", page)]
    assert [" ".join(r.split()) for r in rows[1:]] == [
        "榕江精密铸造（演示） GZ-2026/A 可以评审 查阅材料 · 评分",
        "翠微康复医院（演示） GZ-2026/B 已回避 —",
        "金沙供水服务（演示） GZ-2026/C 尚未申明利害关系 申明利害关系",
        "丰谷粮油加工（演示） GZ-2026/D 尚未申明利害关系 申明利害关系",
    ]


def test_an_applicant_whose_file_was_sent_back_sees_what_is_missing_and_the_form_for_it(practice: Cast) -> None:
    page = _page(practice, "C", "")
    assert "补正材料（材料补正；第十七条）" in page
    assert "所缺材料：近三年经审计的财务报告（演示）" in page
    assert "record/ApplicationSupplemented/?case_id=GZ-2026%2FC" in page


def test_conditions_are_told_in_one_language(practice: Cast) -> None:
    chinese = _page(practice, "C", "case/GZ-2026%2FC/")
    assert [w in chinese for w in ("8 年，须 3 年", "材料中没有“财务数据”", "符合产业政策与许可")] == [True] * 3
    assert re.findall(r"[>、]([a-z]+_[a-z_]+)", chinese) == []
    english = _page(practice, "C", "case/GZ-2026%2FC/", "en")
    assert "8 years, 3 needed" in english
    said = re.sub(r"金沙供水服务|（演示）|演示证书[^<]*|近三年经审计的财务报告", "", english)
    assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]+>", " ", said)) == []
