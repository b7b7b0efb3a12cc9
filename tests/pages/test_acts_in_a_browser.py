"""Acts in a real browser: filled in, checked, signed, countersigned, one by one and from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from ledger.clock import shanghai_day, system_clock
from tests.pages.in_a_browser import CHROMIUM
from tests.pages.signing import Enter, checked, fill_in, sign_and_record, signed_in, verdict_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")


def test_an_inspector_issues_a_finding_about_a_flag_and_the_queue_says_so(enter: Enter, site: str) -> None:
    page = enter("dis")
    page.goto(f"{site}/en/desk/zhongyuan/flags/?flag=RF32")
    page.get_by_role("link", name="Issue a finding").first.click()
    page.wait_for_selector("[data-record][data-ready]")
    page.get_by_label("finding id").fill("F-1")
    page.get_by_label("demand").select_option("explain")
    page.get_by_label("answer due").fill("2030-01-31")
    assert "The rules let it be recorded." in checked(page)
    page.get_by_role("button", name="Sign and record").click()
    assert verdict_of(page).startswith("Recorded as entry ")
    page.goto(f"{site}/en/desk/zhongyuan/flags/?flag=RF32&state=questioned")
    assert page.locator("tbody tr").first.inner_text().count("RF32") == 1


def test_restricted_fields_are_opened_by_a_signed_act_and_shown_once(enter: Enter, site: str) -> None:
    page = enter("dis")
    page.goto(f"{site}/en/desk/zhongyuan/persons/P3/")
    page.locator("tr", has_text="Principal registered").get_by_role("link").last.click()
    page.wait_for_selector("text=Restricted fields")
    page.get_by_role("link", name="Open (signed").click()
    page.wait_for_selector("[data-record][data-ready]")
    page.get_by_label("purpose").fill("case 7")
    page.get_by_label("legal basis").fill("监察法")
    assert "The rules let it be recorded." in checked(page)
    page.get_by_role("button", name="Sign and record").click()
    assert verdict_of(page).startswith("Recorded as entry ")
    opened_values = page.inner_text(".preview")
    assert "What was opened (this once)" in opened_values
    assert len(opened_values.split()) > 8
    page.goto(f"{site}/en/desk/zhongyuan/access/")
    row = page.locator("main section").first.locator("tbody tr").first.inner_text()
    assert ("case 7" in row, "dis" in row) == (True, True)


def test_what_the_rules_refuse_is_said_before_anything_is_signed(enter: Enter) -> None:
    page = signed_in(enter, "P1", "record/ScoreSubmitted/?case_id=ZY-2023/A&stage=material")
    page.wait_for_selector("[data-record][data-ready]")
    items = page.locator("fieldset", has_text="Item scores").last.locator("input")
    # Seven categories of GB/T 19580, each with its name and its points.
    assert items.count() == 7
    for n, points in enumerate(("100", "80", "80.5", "110", "90", "70", "330")):
        items.nth(n).fill(points)
    assert page.get_by_label("total").first.input_value() == "860.5"
    told = checked(page)
    assert told.startswith("Check before signing\n\nThe rules refuse: a score was submitted")
    assert page.get_by_role("button", name="Sign and record").is_disabled()


def test_two_people_record_an_act_together(enter: Enter, site: str) -> None:
    page = signed_in(enter, "opr", "record/CalendarPublished/")
    page.wait_for_selector("[data-record][data-ready]")
    page.get_by_label("year").fill("2031")
    page.get_by_role("button", name="Add one").first.click()
    page.locator("fieldset .row input").first.fill("2031-01-01")
    page.get_by_label("source doc").fill("国办发明电〔2030〕1号")
    assert "head of the secretariat" in checked(page)
    page.get_by_role("button", name="Sign and record").click()
    assert verdict_of(page) == "Signed; it waits for head of the secretariat to countersign. Back to the workbench"
    other = enter("sech", "zh")
    other.get_by_role("link", name="节假日安排登记").first.click()
    assert "2031年1月1日" in other.inner_text("main")
    other.get_by_role("button", name="会签并登记").click()
    assert verdict_of(other, "[data-countersign] .verdict").startswith("已会签，登记为第 ")
    other.goto(f"{site}/zh/bench/zhongyuan/mine/")
    assert "节假日安排登记" in other.locator(".links li").first.inner_text()


def test_an_edition_is_opened_and_an_organisation_applies(enter: Enter, site: str, tmp_path: Path) -> None:
    today = shanghai_day(system_clock()).isoformat()
    page = signed_in(enter, "sec", "record/EditionOpened/", "zh")
    page.wait_for_selector("[data-record][data-ready]")
    fill_in(
        page, {"届次编号": "ZY-2099", "届数": "9", "年度": today[:4], "申报开始日": today, "申报截止日": "2099-12-31"}
    )
    page.locator("fieldset", has_text="渠道").get_by_role("button", name="加一项").click()
    page.locator("fieldset", has_text="渠道").locator("input").first.fill("区政府网站")
    paper = tmp_path / "plan.txt"
    paper.write_text("plan", "utf-8")
    for name in ("公告网页哈希", "方案哈希"):
        page.locator(".field", has_text=name).locator("input[type=file]").set_input_files(str(paper))
    page.get_by_role("button", name="签名前核对").click()
    page.wait_for_selector(".preview .verdict")
    assert "规则允许登记" in page.inner_text(".preview"), page.inner_text(".preview")
    page.get_by_role("button", name="签名并登记").click()
    assert verdict_of(page) == "已签名，待秘书处负责人会签。 回到工作台"
    other = enter("sech", "zh")
    other.get_by_role("link", name="届次启动/申报公告").first.click()
    other.get_by_role("button", name="会签并登记").click()
    assert verdict_of(other, "[data-countersign] .verdict").startswith("已会签，登记为第 ")
    applicant = signed_in(enter, "C", "record/ApplicationFiled/", "zh")
    applicant.wait_for_selector("[data-record][data-ready]")
    assert applicant.locator(".field", has_text="组织（必填）").locator("input").first.input_value() == "C"
    fill_in(
        applicant,
        {"案件编号": "ZY-2099/C", "奖项": "quality", "行业": "manufacturing", "经营年限": "8", "数据年数": "3"},
    )
    for name in ("申报书哈希", "自评报告哈希"):
        applicant.locator(".field", has_text=name).locator("input[type=file]").set_input_files(str(paper))
    applicant.get_by_label("承诺真实").select_option("true")
    applicant.get_by_label("申明涉及国家秘密").first.select_option("false")
    applicant.get_by_role("button", name="存为草稿").click()
    assert verdict_of(applicant).startswith("草稿已存于此浏览器")
    applicant.reload()
    applicant.wait_for_selector("[data-record][data-ready]")
    assert applicant.get_by_label("案件编号").input_value() == "ZY-2099/C"
    applicant.get_by_role("button", name="签名前核对").click()
    applicant.wait_for_selector(".preview .verdict, form > .verdict.bad")
    assert "规则允许登记" in applicant.inner_text(".preview"), applicant.inner_text(
        "form > .verdict"
    ) + applicant.inner_text(".preview")
    applicant.get_by_role("button", name="签名并登记").click()
    assert verdict_of(applicant).startswith("已登记为第 ")
    applicant.goto(f"{site}/zh/bench/zhongyuan/")
    assert "ZY-2099/C" in applicant.inner_text("main")


def test_an_applicant_completes_what_was_sent_back(enter: Enter, tmp_path: Path) -> None:
    page = enter("C", "zh", "ganzhou-practice")
    page.get_by_role("link", name="补正材料").click()
    page.wait_for_selector("[data-record][data-ready]")
    assert page.get_by_label("所答复的事件").input_value().count("-") == 4
    fields = page.locator("fieldset", has_text="补正字段")
    fields.get_by_role("button", name="加一项").click()
    fields.get_by_label("字段（必填）").fill("/data_years")
    fields.locator("textarea").fill("4")
    paper = tmp_path / "report.txt"
    paper.write_text("三年财务报告", "utf-8")
    papers = page.locator("fieldset", has_text="附件").first
    papers.get_by_role("button", name="加一项").click()
    papers.locator("input[type=file]").set_input_files(str(paper))
    page.get_by_label("理由").first.fill("补交三年财务报告")
    sign_and_record(page)
    page.get_by_role("link", name="回到工作台").click()
    assert "资格审查" in page.locator("tr", has_text="GZ-2026/C").inner_text()


def test_a_reviewer_declares_then_reads_then_scores(enter: Enter) -> None:
    page = enter("R1", "zh", "ganzhou-practice")
    page.locator("tr", has_text="GZ-2026/A").get_by_role("link", name="申明利害关系").click()
    page.wait_for_selector("[data-record][data-ready]")
    assert page.get_by_label("案件编号").input_value() == "GZ-2026/A"
    page.get_by_label("结论").select_option("none")
    page.get_by_label("保密承诺").select_option("true")
    sign_and_record(page)
    page.get_by_role("link", name="查阅材料").click()
    page.get_by_role("link", name="启封").click()
    page.wait_for_selector("[data-record][data-ready]")
    assert page.get_by_label("法律依据").input_value() == "GZ:18"
    sign_and_record(page)
    assert [
        "低压铸造模温分区控制" in page.inner_text(".preview"),
        "56,300,000.00 元" in page.inner_text(".preview"),
    ] == [
        True,
        True,
    ]
    page.get_by_role("link", name="回到工作台").click()
    page.locator("tr", has_text="GZ-2026/A").get_by_role("link", name="评分").click()
    page.wait_for_selector("[data-record][data-ready]")
    page.get_by_label("阶段").select_option("material")
    items = page.locator("fieldset", has_text="分项得分").last.locator("input")
    for n, given in enumerate(("90", "70", "70", "100", "90", "70", "310")):
        items.nth(n).fill(given)
    sign_and_record(page)


def test_an_item_above_its_points_is_refused_at_its_field(enter: Enter) -> None:
    page = signed_in(enter, "P1", "record/ScoreSubmitted/?case_id=ZY-2023/A&stage=material", "zh")
    page.wait_for_selector("[data-record][data-ready]")
    strategy = page.get_by_label("4.2 战略（满分 90）")
    strategy.fill("200")
    assert page.locator("p.field", has=strategy).locator("small").inner_text() == "4.2 战略 满分 90，不能为 200"
    page.get_by_role("button", name="签名前核对").click()
    assert page.inner_text(".preview") == ""
    assert page.evaluate("document.querySelector('[data-record]').checkValidity()") is False
    for text in ("-1", "80.123", "八十", "1e1", "08"):
        strategy.fill(text)
        assert "请填 0 至 90 之间的数" in page.locator("p.field", has=strategy).inner_text()
    strategy.fill("９０")
    assert (
        page.locator("p.field", has=strategy).locator("small").inner_text(),
        page.get_by_label("合计").first.input_value(),
    ) == ("", "90")


def test_an_amount_is_written_in_yuan_and_the_page_says_what_is_signed(enter: Enter) -> None:
    page = signed_in(enter, "fin1", "record/PrizePaid/?award_id=ZY-2023-B&org=B&amount=20000000", "zh")
    page.wait_for_selector("[data-record][data-ready]")
    amount = page.get_by_label("金额（元）")
    hint = page.locator("p.field", has=amount).locator("small")
    assert (amount.input_value(), hint.inner_text()) == ("200000.00", "= 200,000.00 元（签入账本：20,000,000 分）")
    for text, said in (
        ("¥1,234.5", "= 1,234.50 元（签入账本：123,450 分）"),
        ("20万元", "= 200,000.00 元（签入账本：20,000,000 分）"),
        ("200.005", "请按元填写金额，至多两位小数，如 200,000.00"),
        ("0x10", "请按元填写金额，至多两位小数，如 200,000.00"),
        ("-1", "金额不能为负"),
        ("９０，０００", "= 90,000.00 元（签入账本：9,000,000 分）"),
    ):
        amount.fill(text)
        assert hint.inner_text() == said
    fill_in(page, {"拨付编号": "PAY-9", "拨付日期": "2026-01-05", "期次": "1", "期数": "1", "凭证号": "V-9"})
    page.get_by_label("种类").select_option("main")
    page.get_by_label("渠道").select_option("treasury")
    page.get_by_role("button", name="签名前核对").click()
    page.wait_for_selector(".preview .verdict, form > .verdict.bad")
    told = page.inner_text("[data-record]")
    assert "20000000" not in told
    assert "9000000" not in told
    assert "(分)" not in told


def test_amounts_and_scores_are_reckoned_without_binary_fractions(enter: Enter, site: str) -> None:
    page = enter("fin1")
    reckoned = page.evaluate(
        """async () => {
          const { fenOf, plainYuan, groupedYuan, score } = await import("/static/figures.js");
          return [fenOf("90,071,992,547,409.91"), plainYuan(-5),
            groupedYuan(9007199254740991),
            score("584.6666666666666666666666667"),
            score("-0.001"), score("85.125"), score("9.999"), score("600")];
        }"""
    )
    assert reckoned == [9007199254740991, "-0.05", "90,071,992,547,409.91", "584.67", "0.00", "85.13", "10.00", "600"]


def test_many_acts_come_from_a_file_of_a_chinese_windows_after_a_dry_run(
    enter: Enter, site: str, tmp_path: Path
) -> None:
    file = tmp_path / "organisations.csv"
    file.write_bytes(
        "主体编号,种类,组织名称,统一社会信用代码,成立日期\r\nT1,组织,郑州甲乙（集团）有限公司,91410102DEM300017M,2001/3/5\r\n,,,,\r\n"
        "T2,组织,丙丁公司,9.14101E+17,\r\nT1,组织,重复编号公司,,\r\nT3,单位,戊己公司,,2001-02-30\r\n".encode("gb18030")
    )
    page = signed_in(enter, "opr", "bulk/PrincipalRegistered/", "zh")
    page.wait_for_selector("[data-bulk] [type=file]:enabled")
    page.set_input_files("[data-bulk] [type=file]", str(file))
    assert verdict_of(page, "[data-bulk] > .verdict").startswith("试运行完毕：1 行可登记，3 行不可。")
    assert page.inner_text("[data-bulk] > .read").startswith(
        "按 GB 18030（中文 Windows 表格软件所存）、逗号分隔读出 4 行；略过空行 1 行。列：A 主体编号、B 种类、"
    )
    rows = page.locator("[data-bulk] tbody tr")
    assert [rows.nth(n).locator("td").first.inner_text() for n in range(4)] == ["2", "4", "5", "6"]
    assert "第 4 行 D 列“统一社会信用代码”：“9.14101E+17”：表格软件把号码当作数字" in rows.nth(1).inner_text()
    assert "第 6 行 B 列“种类”" in rows.nth(3).inner_text()
    assert "第 6 行 E 列“成立日期”：“2001-02-30”：没有这一天" in rows.nth(3).inner_text()
    page.locator("[data-bulk] [name=sign]").click()
    expect(page.locator("[data-bulk] > .verdict")).to_contain_text("已提交 1/1 行。")
    assert "已签名，待会签" in rows.first.inner_text()
    page.goto(f"{site}/zh/bench/zhongyuan/")
    page.get_by_role("link", name="主体登记").first.click()
    assert "郑州甲乙（集团）有限公司" in page.inner_text("main")
    assert "91410102DEM300017M" in page.inner_text("main")


def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_offered_for_signature(
    enter: Enter, tmp_path: Path
) -> None:
    file = tmp_path / "spoilt.csv"
    file.write_bytes("year,holidays,makeup_workdays,source_doc_no\n2041,,,国办\n".encode("gb18030") + b"\xff\n")
    page = signed_in(enter, "opr", "bulk/CalendarPublished/")
    page.wait_for_selector("[data-bulk] [type=file]:enabled")
    page.set_input_files("[data-bulk] [type=file]", str(file))
    assert verdict_of(page, "[data-bulk] > .verdict").startswith(
        "line 3, byte 57 (0xFF) is not GB 18030, nor UTF-8 (from byte 52);"
    )
    assert page.locator("[data-bulk] [name=sign]").is_disabled()
    assert page.locator("[data-bulk] tbody tr").count() == 0
