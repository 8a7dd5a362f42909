"""In which language a page is: Vietnamese first, English for whoever asks; and the English of everything the pages say."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
CATALOGUE = Path(__file__).parent.parent / "locale" / "en" / "LC_MESSAGES" / "portal.po"
COOKIE = "lang"
KEPT_SECONDS = 365 * 24 * 3600


def known(given: str | None) -> Language | None:
    """The language of that name; None for any other text."""
    return next((language for language in LANGUAGES if language == given), None)


def wanted(query: str | None, cookie: str | None, accept: str | None) -> Language:
    """What the address says (`?lang=en`), else what it last said (a cookie), else what the browser wishes."""
    return known(query) or known(cookie) or wished(accept or "")


def wished(accept: str) -> Language:
    """The one of ours that an Accept-Language header likes best; Vietnamese where it likes neither or both as much."""
    likings = dict.fromkeys(LANGUAGES, 0.0)
    for part in accept.lower().split(","):
        name, _, quality = part.partition(";")
        language = known(name.strip().partition("-")[0])
        if language:
            likings[language] = max(likings[language], weight(quality))
    return max(LANGUAGES, key=lambda language: likings[language])


def weight(quality: str) -> float:
    """The number of ` q=0.7`; 1 where nothing is said, 0 where it is no number."""
    key, _, value = quality.partition("=")
    if not quality.strip():
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if key.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@cache
def translations(language: Language) -> NullTranslations:
    """The pages are written in Vietnamese; their English is a gettext catalogue, read as it stands: nothing is compiled."""
    if language == "vi":
        return NullTranslations()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
