"""Files of the public window: feeds, data files, documents by their hash, and the site that is published."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

from fastapi.testclient import TestClient

from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.pages import Window, addresses
from api.public.publishing import publish
from api.v1.axes import axes
from ledger.tlog.tiles import Tile
from tests.pages.links import LINK


def test_feeds_tell_notices_awards_and_revocations(demo_client: TestClient) -> None:
    atom = ET.fromstring(demo_client.get("/zh/zhongyuan/feed.atom").content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    ids = [e.findtext("a:id", namespaces=space) for e in atom.findall("a:entry", space)]
    assert ids[0] == "urn:rongjian:demo.rongjian.example/zhongyuan:revocation/ZY-2023-A"
    assert len(ids) == len(set(ids)) == 4
    feed = demo_client.get("/zh/zhongyuan/feed.json").json()
    assert [i["id"] for i in feed["items"]] == ids


def test_data_files_say_what_the_page_says_under_which_head(demo_client: TestClient) -> None:
    rows = list(
        csv.DictReader(io.StringIO(demo_client.get("/zh/zhongyuan/awards/data.csv").content.decode("utf-8-sig")))
    )
    value = demo_client.get("/zh/zhongyuan/awards/data.json").json()
    assert [r["award_id"] for r in rows] == [a["award_id"] for a in value["data"]] == ["ZY-2023-A", "ZY-2023-B"]
    assert {r["root_hash"] for r in rows} == {value["checkpoint"]["root_hash"]}


def test_data_files_follow_the_columns_that_others_read(demo_client: TestClient, tmp_path: Path) -> None:
    content = demo_client.get("/data/zhongyuan/grants.csv", params={"as_of": "2026-01-10"}).content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    revoked = rows[0]
    assert (
        revoked["Amount Awarded"],
        revoked["Amount Disbursed"],
        revoked["amountRecovered"],
        revoked["revokedDate"],
        revoked["status"],
    ) == (
        "200000.00",
        "200000.00",
        "200000.00",
        "2025-11-28",
        "revoked",
    )
    assert revoked["Recipient Org:Identifier"].startswith("CN-USCI-")
    package = demo_client.get("/data/zhongyuan/releases.json").json()
    assert next(r["tag"] for r in package["releases"] if r["awards"][0]["id"] == "ZY-2023-A") == ["award"]
    records = {r["ocid"]: r for r in demo_client.get("/data/zhongyuan/records.json").json()["records"]}
    ids = {r["id"] for r in package["releases"]}
    assert all({x["id"] for x in r["releases"]} <= ids for r in records.values())
    assert (
        records["rongjian-demo.rongjian.example-zhongyuan-ZY-2023-A"]["compiledRelease"]["awards"][0]["status"]
        == "cancelled"
    )
    file = tmp_path / "public.sqlite"
    file.write_bytes(demo_client.get("/data/zhongyuan/public.sqlite").content)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT award_id, status FROM awards ORDER BY award_id").fetchall() == [
            ("ZY-2023-A", "revoked"),
            ("ZY-2023-B", "valid"),
        ]
        assert connection.execute("SELECT edition, prize_paid_yuan FROM editions").fetchall() == [
            ("ZY-2023", "400000.00")
        ]
    assert demo_client.get("/data/zhongyuan/other").status_code == 404


def test_a_document_is_found_by_its_hash_only_in_public_entries(demo_client: TestClient) -> None:
    notice = demo_client.get("/zh/zhongyuan/notices/N-2023/data.json").json()["data"]["entries"][0]["event"]
    entries = [json.loads(demo_client.get(f"/logs/zhongyuan/entry/{n}").text) for n in (184,)]
    assert entries
    assert notice
    unknown = demo_client.get(f"/v1/logs/zhongyuan/document/{'0' * 64}").json()
    assert unknown["entries"] == []
    assert demo_client.get("/v1/logs/zhongyuan/document/xyz").status_code == 400


def test_the_site_is_published_the_same_each_time_with_links_that_lead_to_files(
    demo_home: Settings, tmp_path: Path
) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        windows = [Window(log, axes(log, "2026-01-10", None)) for log in logs.all()]
        one, other = (publish(windows, tmp_path / name, "https://honours.example/") for name in ("one", "other"))
        again = publish(windows, tmp_path / "one", "https://honours.example/")
        expected = {(w.log.home.name, parts) for w in windows for parts in addresses(w)}
    finally:
        logs.close()
    assert one == other
    assert (again["written"], again["removed"]) == (0, 0)
    first, second = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "one", tmp_path / "other")
    )
    assert first == second
    for name, parts in expected:
        assert (tmp_path / "one" / "zh" / name / Path(*parts) / "index.html").is_file()
    for path, content in first.items():
        if path.suffix == ".html":
            for link in LINK.findall(content.decode()):
                target = urlsplit(urljoin(f"http://site/{path.as_posix()}", link.replace("&amp;", "&")))
                if target.netloc == "site":
                    file = tmp_path / "one" / unquote(target.path).lstrip("/")
                    assert file.is_file() or (file / "index.html").is_file(), (path, link)


def test_the_published_site_has_the_hash_tiles_and_no_bundle_of_entries(demo_home: Settings, tmp_path: Path) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        log = logs["zhongyuan"]
        publish([Window(log, axes(log, "2026-01-10", None))], tmp_path, "https://honours.example/")
        size = log.ledger.heads.published()[0]
        tile = log.ledger.evidence.tile(Tile(0, 0, size))
    finally:
        logs.close()
    assert (tmp_path / "logs" / "zhongyuan" / "tile" / "0" / f"000.p/{size}").read_bytes() == tile
    assert not (tmp_path / "logs" / "zhongyuan" / "tile" / "entries").exists()
