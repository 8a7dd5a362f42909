"""The pages' two languages: nothing is said that the English catalogue lacks, and who gets which."""

import re

import pytest
from jinja2 import Environment

from ocop.reference import catalogue
from services.portal.views.language import wished
from services.portal.views.speaking import TEMPLATES, environment

LETTERS = re.compile(r"[^\W\d_]{2,}")
PLACEHOLDERS = re.compile(r"%\((\w+)\)s")
SAME_IN_BOTH = {
    "OCOP", "complaints", "OpenAPI", "AsyncAPI", "Python", "PDF", "CSV", "JSON", "Parquet",
    "Tiếng", "Việt", "English", "Biển", "Đông",
}  # fmt: skip
NOT_TRANSLATED = {"parts.html"}  # shows letters, not words


def test_every_text_of_the_templates_has_its_english() -> None:
    written = {message.id: message for message in catalogue.written() if message.id}
    missing = {text for _, text in catalogue.found() if text not in written or not written[text].string}
    assert missing == set(), "python -m ocop.reference.catalogue takes them in; then write their English beside them"
    assert not [text for text, message in written.items() if message.fuzzy]


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    written = {message.id for message in catalogue.written() if message.id}
    assert written == {text for _, text in catalogue.found()}
    assert catalogue.CATALOGUE.read_bytes() == catalogue.content(catalogue.renewed(catalogue.written()))


def test_a_translation_takes_the_same_facts() -> None:
    for message in catalogue.written():
        if message.id:
            assert sorted(PLACEHOLDERS.findall(message.id)) == sorted(PLACEHOLDERS.findall(message.string)), message.id


def bare(markup: str) -> str:
    """What of a template's text a reader reads: without tags, comments and entities."""
    return re.sub(r"&\w+;|<!--.*?-->", " ", re.sub(r"<[^>]*>|<[^>]*$|^[^<]*>", " ", markup), flags=re.DOTALL)


def untranslated(name: str, source: str) -> list[str]:
    """Words of a template that stand in it as they are, outside of `_(…)`."""
    env = Environment(extensions=["jinja2.ext.i18n"])
    page = "".join(
        value if kind == "data" else "\N{OBJECT REPLACEMENT CHARACTER}" for _, kind, value in env.lex(source)
    )
    words = LETTERS.findall(bare(page.replace("\N{OBJECT REPLACEMENT CHARACTER}", "")))
    return [word for word in words if word not in SAME_IN_BOTH]


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.html")), ids=lambda file: file.name)
def test_no_template_says_anything_past_the_catalogue(file) -> None:  # type: ignore[no-untyped-def]
    if file.name not in NOT_TRANSLATED:
        assert untranslated(file.name, file.read_text(encoding="utf-8")) == []


def test_a_word_past_the_catalogue_is_found() -> None:
    assert untranslated("x", '<p class="muted">Xin chào {{ _("bạn") }}</p>') == ["Xin", "chào"]
    assert untranslated("x", '<p title="{{ _("a") }}">{{ name }}</p>') == []


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "vi"), ("*", "vi"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("vi,en;q=0.9", "vi"), ("fr-FR,en;q=0.4", "en"),
        ("en;q=0.5,vi;q=0.6", "vi"), ("en;q=0", "vi"), ("en;q=x", "vi"), ("EN-gb", "en"), ("en,vi", "vi"),
    ],
)  # fmt: skip
def test_the_browsers_wish_is_heard_and_vietnamese_comes_first(accept: str, language: str) -> None:
    assert wished(accept) == language


def test_names_in_vietnamese_are_marked_on_english_pages_alone() -> None:
    assert environment("vi").from_string("{{ 'Tỏi <b>'|vn }}").render() == "Tỏi &lt;b&gt;"
    assert environment("en").from_string("{{ 'Tỏi <b>'|vn }}").render() == '<span lang="vi">Tỏi &lt;b&gt;</span>'
    assert environment("en").from_string("{{ ('Tỏi', '')|say }}").render() == '<span lang="vi">Tỏi</span>'
