"""What holds for every page whatever shows it: links that lead somewhere, one language, nothing from elsewhere; open data."""

import asyncio
import csv
import re
import sys
from datetime import date
from html import unescape
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from arro3.io import read_parquet

from services.portal.views import opendata
from shared import units
from tests.journeys.places import MISSING, NAMES
from tests.views.reading import BROWSER, JSON, VOID, Page

ENGLISH = BROWSER | {"Accept-Language": "en-GB,en;q=0.9"}
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
SAID_IN = ("title", "aria-label", "placeholder", "alt")


class Speech(HTMLParser):
    """The texts of a page with the language that each is said to be in."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.languages: list[str] = []
        self.said: list[tuple[str, str]] = []
        self.feed(markup)

    @property
    def language(self) -> str:
        return next((language for language in reversed(self.languages) if language), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or ""
        self.said += [(language or self.language, text) for name in SAID_IN if (text := given.get(name))]
        if tag not in VOID:
            self.languages.append(language)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.languages.pop()

    def handle_endtag(self, tag: str) -> None:
        self.languages.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.said.append((self.language, " ".join(data.split())))


def bare(text: str) -> str:
    """Without what is written so in every language: the names of provinces, and đồng."""
    for unit in units.provinces(date(2026, 6, 1)):
        text = text.replace(unit.name, "")
    return re.sub(r"\d đ\b", "", text)


async def got(program: httpx.AsyncClient, path: str, headers: dict[str, str] = BROWSER) -> httpx.Response:
    answer = await program.get(path, headers=headers, follow_redirects=True)
    program.cookies.clear()
    return answer


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parts"])
async def test_every_link_leads_somewhere(program: httpx.AsyncClient, paths: dict[str, str], name: str) -> None:
    read = Page((await got(program, paths[name])).text)
    ids = set(read.values("h1", "id")) | {attrs["id"] for _, attrs in read.tags if attrs.get("id")}
    links = set(read.values("a", "href")) | set(read.values("link", "href")) | set(read.values("script", "src"))
    asked = [attrs for tag, attrs in read.tags if tag == "form" and attrs.get("method") != "post"]
    links |= {action for attrs in asked if (action := attrs.get("action"))}
    for link in sorted(links):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://")):
            assert path.startswith(("https://", "http://ocop.example")), link
            continue
        if path:
            answer = await got(program, path)
            assert answer.status_code == (404 if path.partition("?")[0] in {paths[one] for one in MISSING} else 200), (
                link
            )
            there = answer.text if anchor else ""
        else:
            there = ""
        if anchor:
            known = {attrs["id"] for _, attrs in Page(there).tags if attrs.get("id")} if path else ids
            assert anchor in known, link


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_in_english_has_nothing_vietnamese_that_does_not_say_so(
    program: httpx.AsyncClient, paths: dict[str, str], name: str
) -> None:
    """Names and decisions stay as they are, and are marked, so that they are read out as what they are."""
    answer = await got(program, paths[name], ENGLISH)
    assert answer.status_code == (404 if name in MISSING else 200)
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding, Cookie"
    said = Speech(answer.text).said
    assert {language for language, _ in said} <= {"en", "vi", ""}
    title = next(text for _, text in said if text.endswith("· OCOP"))
    wrong = [text for language, text in said if language == "en" and text != title and VIETNAMESE.search(bare(text))]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_is_in_the_language_that_is_asked_for(
    program: httpx.AsyncClient, paths: dict[str, str], name: str
) -> None:
    path = paths[name]
    join = "&" if "?" in path else "?"
    for asked, headers, language in (
        ("", BROWSER, "vi"), ("", ENGLISH, "en"), (f"{join}lang=en", BROWSER, "en"), (f"{join}lang=vi", ENGLISH, "vi"),
        (f"{join}lang=fr", BROWSER, "vi"), ("", BROWSER | {"Accept-Language": "fr,de"}, "vi"),
        ("", BROWSER | {"Cookie": "lang=en"}, "en"), (f"{join}lang=vi", BROWSER | {"Cookie": "lang=en"}, "vi"),
    ):  # fmt: skip
        read = Page((await got(program, path + asked, headers)).text)
        assert read.values("html", "lang") == [language], (asked, headers)


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_brings_nothing_from_elsewhere_and_no_script_of_its_own(
    program: httpx.AsyncClient, paths: dict[str, str], name: str
) -> None:
    answer = await got(program, paths[name])
    read = Page(answer.text)
    names = [tag for tag, _ in read.tags]
    assert names.count("h1") == 1 or name == "parts"
    assert names.count("main") == 1
    assert not {"style", "iframe", "object", "embed", "img"} & set(names)
    assert not [attrs for _, attrs in read.tags if "style" in attrs or any(key.startswith("on") for key in attrs)]
    scripts = [attrs for tag, attrs in read.tags if tag == "script"]
    assert all(one.get("integrity", "").startswith("sha384-") and one["src"].startswith("/static/") for one in scripts)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    fields = [
        attrs["id"]
        for tag, attrs in read.tags
        if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden"
    ]
    assert set(fields) <= set(read.values("label", "for"))
    ids = [attrs["id"] for _, attrs in read.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))


# --- for developers ---


async def test_the_examples_for_developers_run(origin: str, paths: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=origin, headers=BROWSER, trust_env=False) as client:
        markup = (await client.get("/developers")).text
    read = Page(markup)
    examples = re.findall(r'<pre tabindex="0" aria-label="\w+"><code>(.*?)</code>', markup, re.DOTALL)
    curl, python = (unescape(example) for example in examples)
    assert origin in curl
    for program in (["bash", "-euc", curl], [sys.executable, "-c", python]):
        ran = await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await ran.communicate()
        assert ran.returncode == 0, err.decode()
        assert "GCN-" in out.decode()
    assert "script" not in {tag for tag, _ in read.tags}


# --- open data ---


def as_text(value: Any) -> str:
    """As a cell of CSV says it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def as_said(value: Any) -> Any:
    """As JSON says what a column of Parquet holds."""
    return value.isoformat() if isinstance(value, date) else value


async def table(program: httpx.AsyncClient, dataset: str, form: str, **query: Any) -> httpx.Response:
    answer = await program.get(f"/data/{dataset}.{form}", params=query)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("dataset", opendata.DATASETS)
async def test_a_table_says_the_same_in_every_form_with_its_dictionary(
    program: httpx.AsyncClient, dataset: str
) -> None:
    as_json = (await table(program, dataset, "json")).json()
    names = [column["name"] for column in as_json["columns"]]
    rows = [[row[name] for name in names] for row in as_json["rows"]]
    assert len(rows) > 60
    today = (await program.get("/certification/standing")).json()["today"]
    assert (as_json["licence"]["id"], as_json["as_of"]) == ("CC-BY-4.0", today)
    assert all(column["vi"] and column["en"] for column in as_json["columns"])
    assert (await program.get(f"/data/{dataset}.dictionary")).json()["columns"] == as_json["columns"]

    found = await table(program, dataset, "csv")
    assert found.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(StringIO(found.content.decode("utf-8-sig"))))
    assert lines[0] == names
    assert lines[1:] == [[as_text(value) for value in row] for row in rows]

    packed = read_parquet(BytesIO((await table(program, dataset, "parquet")).content)).read_all()
    assert packed.column_names == names
    columns = [[as_said(value) for value in packed[name].to_pylist()] for name in names]
    assert [list(row) for row in zip(*columns, strict=True)] == rows


async def test_certificates_are_to_be_had_as_of_a_day(program: httpx.AsyncClient) -> None:
    rows = (await table(program, "certificates", "json", on="2026-10-01")).json()["rows"]
    for row in rows[:20]:
        facts = (await program.get(f"/c/{row['number']}", params={"on": "2026-10-01"}, headers=JSON)).json()
        assert (row["status"], row["since"], row["until"]) == (facts["status"], facts["since"], facts["until"])


async def test_a_table_or_form_that_there_is_not_is_refused(program: httpx.AsyncClient) -> None:
    assert (await program.get("/data/secrets.csv")).status_code == 422
    assert (await program.get("/data/products.xlsx")).status_code == 422
