"""What can be read of promotion: the catalogue, searched with or without accents."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from services.promotion.domain import Listing
from shared.eventstore.views import Change, Room, View
from shared.units import commune, province
from shared.values import About

HOUSE = "promotion"
CATALOGUE = View("catalogue", ["catalogue"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("views.sql"), [CATALOGUE])
SQL = ROOM.sql
NOT_SEARCHED = re.compile(r"(?:(?!(?<=\d)-(?=\d))[\W_])+")  # a hyphen between digits holds a product's code together

# --- catalogue ---


@CATALOGUE.on(Listing.Listed)
def listed(e: Listing.Listed) -> Iterator[Change]:
    a, p, s = e.about, e.about.product, e.shown
    yield Change(
        SQL.listed,
        (p.id, p.code, p.name, p.set, p.group, a.producer.id, a.producer.name, a.producer.kind, a.province, a.commune,
         s.stars, s.certificate, e.legal_date, s.expires_on, s.simulated, e.ruleset, folded(searched(a, e.legal_date))),
    )  # fmt: skip


def searched(about: About, on: date) -> str:
    """What a product is found by: its name and code, its producer, and the names that its places have that day."""
    places = (commune(about.commune, on), province(about.province, on))
    names = [place.full_name for place in places if place]
    return " ".join([about.product.name, about.product.code or "", about.producer.name, *names])


def folded(text: str) -> str:
    """Without accents, capitals and signs, so that `toi ly son` finds Tỏi Lý Sơn and `do` finds đỗ."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return NOT_SEARCHED.sub(" ", bare.replace("đ", "d")).strip()


def words(q: str) -> list[str]:
    """The patterns of a question: each of its words must be found, in any order, as a part of a word or whole."""
    return [f"%{word}%" for word in folded(q).split()]
