"""The English of the pages: takes texts that templates gained into the gettext catalogue, drops those that are gone.

    .venv/bin/python -m ocop.reference.catalogue

What is new has no English yet: a test names it until somebody has written it beside.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from services.portal.views.language import CATALOGUE
from services.portal.views.speaking import TEMPLATES

OPTIONS = {"trimmed": "true", "newstyle_gettext": "true"}


def found() -> Iterator[tuple[str, str]]:
    """(template, text) of every text that a template says."""
    for file in sorted(TEMPLATES.glob("*.html")):
        for _, text, _, _ in extract("jinja2.ext:babel_extract", BytesIO(file.read_bytes()), options=OPTIONS):
            yield file.name, text


def written(path: Path = CATALOGUE) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def renewed(before: Catalog) -> Catalog:
    """With every text of the templates, in the order of the alphabet; English that was there is kept."""
    after = Catalog(locale="en", domain="portal", charset="utf-8", fuzzy=False)
    for text in sorted({text for _, text in found()}):
        known = before.get(text)
        after.add(text, known.string if known else "")
    after.mime_headers = [(name, value) for name, value in after.mime_headers if name == "Content-Type"]
    return after


def content(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, no_location=True)
    return b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: en\\n"\n\n' + out.getvalue()


if __name__ == "__main__":
    CATALOGUE.write_bytes(content(renewed(written())))
