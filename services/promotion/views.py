"""What can be read of promotion: the catalogue, searched with or without accents, stories, shelves, points, fairs, partners."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import orjson
from rapidfuzz.distance import OSA

from services.promotion.domain.fair import Fair
from services.promotion.domain.listing import Listing
from services.promotion.domain.partner import Kind, Partner
from services.promotion.domain.sales_point import SalesPoint
from services.promotion.domain.shelf import Shelf
from services.promotion.domain.story import State, Story
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.views import Change, Room, View
from shared.units import commune, day_of_codes, province
from shared.values import About, ProductRef

HOUSE = "promotion"
CATALOGUE = View("catalogue", ["catalogue", "catalogue_words"], HOUSE)
LISTINGS = View("listings", ["listings"], HOUSE)
STORIES = View("stories", ["stories"], HOUSE)
SHELVES = View("shelves", ["shelves"], HOUSE)
SALES_POINTS = View("sales_points", ["sales_points"], HOUSE)
FAIRS = View("fairs", ["fairs"], HOUSE)
PARTNERS = View("partners", ["partners"], HOUSE)
ROOM = Room(
    HOUSE, Path(__file__).with_name("views.sql"),
    [CATALOGUE, LISTINGS, STORIES, SHELVES, SALES_POINTS, FAIRS, PARTNERS],
)  # fmt: skip
SQL = ROOM.sql
NOT_SEARCHED = re.compile(r"(?:(?!(?<=\d)-(?=\d))[\W_])+")  # a hyphen between digits holds a product's code together

SHORTEST_MISTYPED = 3  # letters
LONG_WORD = 6  # letters, from which on two slips are forgiven
MOST_ALIKE = 8
MOST_PLACES = 1000  # words of one text

PartnerKind = Kind
StoryState = State
Standing = Literal["open", "closed"]

# --- catalogue ---


@CATALOGUE.on(Listing.Listed)
def listed(e: Listing.Listed) -> Iterator[Change]:
    a, p, s = e.about, e.about.product, e.shown
    found_by = folded(searched(a, e.legal_date))
    yield Change(
        SQL.listed,
        (p.id, p.code, p.name, p.set, p.group, a.producer.id, a.producer.name, a.producer.kind, a.province, a.commune,
         s.stars, s.certificate, e.legal_date, s.expires_on, s.simulated, e.ruleset, found_by, map_day(e), numbered(found_by)),
    )  # fmt: skip
    yield Change(SQL.words_known, (found_by,))


@CATALOGUE.on(Listing.Prolonged)
def prolonged(e: Listing.Prolonged) -> Iterator[Change]:
    yield Change(SQL.prolonged, (e.about.product.id, e.until))


@CATALOGUE.on(Listing.Delisted)
def delisted(e: Listing.Delisted) -> Iterator[Change]:
    yield Change(SQL.delisted, (e.about.product.id,))


def map_day(e: ChangedAbout) -> date:
    """The day whose map the place is of: a product is shown with the codes of its certificate, whenever that was."""
    return day_of_codes(e.about.province, e.about.commune, e.legal_date)


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


def numbered(text: str) -> str:
    """The words of a folded text with their places, as a tsvector is written."""
    return " ".join(f"'{word}':{place}" for place, word in enumerate(text.split()[:MOST_PLACES], 1))


def words(q: str) -> list[str]:
    """The patterns of a question: each of its words must be found, in any order, as a part of a word or whole."""
    return [f"%{word}%" for word in folded(q).split()]


# --- search: words typed wrong ---


def pairs(word: str) -> list[str]:
    """The pairs of letters of ` toi `: ` t`, `to`, `oi`, `i `."""
    framed = f" {word} "
    return sorted({framed[at : at + 2] for at in range(len(framed) - 1)})


def pairs_alike(word: str) -> list[str]:
    """The pairs of words like one; two letters the other way round share none with it."""
    return pairs(word[::-1] if len(word) == 2 else word)


def near(word: str, candidates: Sequence[str]) -> list[str]:
    """Those of the candidates that a slip of the finger tells from the word: one letter, from six letters on two.

    Short words are alike by chance; of two letters only the same two the other way round.
    """
    if len(word) < SHORTEST_MISTYPED:
        return [candidate for candidate in candidates if len(word) == 2 and candidate == word[::-1]]
    most = 1 if len(word) < LONG_WORD else 2
    apart = {candidate: OSA.distance(word, candidate) for candidate in candidates}
    least = min(apart.values(), default=most + 1)
    return [candidate for candidate, slip in apart.items() if slip == least <= most][:MOST_ALIKE]


def split_up(word: str, inside: Collection[str]) -> list[list[str]]:
    """The word with the spaces that were left out of it: every row of at least two words that it can be."""
    rows: dict[int, list[list[str]]] = {0: [[]]}  # how far -> the rows that come so far
    for end in range(1, len(word) + 1):
        found = [[*row, word[begin:end]] for begin in range(end) if word[begin:end] in inside for row in rows[begin]]
        rows[end] = sorted(found, key=len)[:MOST_ALIKE]
    return [row for row in rows[len(word)] if len(row) > 1]


def terms(word: str, others: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A question (tsquery) for words that begin like one, for others and for rows of words."""
    phrases = ("(" + " <-> ".join(f"'{one}'" for one in row) + ")" for row in rows)
    return "(" + " | ".join([f"'{word}':*", *(f"'{other}'" for other in others), *phrases]) + ")"


# --- listings: under which certificate a product was shown, from when to when ---


@LISTINGS.on(Listing.Listed)
def shown(e: Listing.Listed) -> Iterator[Change]:
    product, s = e.about.product.id, e.shown
    yield Change(SQL.shown_until, (product, e.legal_date, "replaced"))
    yield Change(SQL.shown, (product, s.certificate, s.stars, e.legal_date))


@LISTINGS.on(Listing.Delisted)
def off(e: Listing.Delisted) -> Iterator[Change]:
    yield Change(SQL.shown_until, (e.about.product.id, e.legal_date, e.reason))


# --- stories ---


@STORIES.on(Story.Written, Story.Rewritten)
def story_written(e: Story.Written | Story.Rewritten) -> Iterator[Change]:
    yield Change(SQL.story_written, (*whose(e), e.tale.title, e.tale.text, e.legal_date, map_day(e)))


@STORIES.on(Story.Reviewed)
def story_reviewed(e: Story.Reviewed) -> Iterator[Change]:
    state: State = "accepted" if e.accepted else "returned"
    yield Change(SQL.story_reviewed, (e.about.product.id, state, e.opinion, e.legal_date))


@STORIES.on(Story.Published)
def story_published(e: Story.Published) -> Iterator[Change]:
    yield Change(SQL.story_published, (e.about.product.id, e.tale.title, e.tale.text, e.legal_date))


def whose(e: ChangedAbout) -> tuple[object, ...]:
    """The product, the producer and their place, as the first columns of a table have them."""
    a = e.about
    return a.product.id, a.product.code, a.product.name, a.producer.id, a.producer.name, a.province, a.commune


# --- shelves ---


@SHELVES.on(Shelf.Opened)
def shelf_opened(e: Shelf.Opened) -> Iterator[Change]:
    yield Change(SQL.shelf_opened, (e.originator_id, *whose(e), e.platform, e.link, e.legal_date, map_day(e)))


@SHELVES.on(Shelf.Closed)
def shelf_closed(e: Shelf.Closed) -> Iterator[Change]:
    yield Change(SQL.shelf_closed, (e.originator_id, e.legal_date))


# --- sales points, fairs: with the products shown ---


@SALES_POINTS.on(SalesPoint.Opened)
def sales_point_opened(e: SalesPoint.Opened) -> Iterator[Change]:
    p = e.point
    yield Change(
        SQL.sales_point_opened,
        (e.originator_id, p.name, p.province, p.commune, p.area_m2, e.rules.model_dump_json(), *named(e.products),
         e.legal_date),
    )  # fmt: skip


@SALES_POINTS.on(SalesPoint.Closed)
def sales_point_closed(e: SalesPoint.Closed) -> Iterator[Change]:
    yield Change(SQL.sales_point_closed, (e.originator_id, e.legal_date, e.reason))


@FAIRS.on(Fair.Held)
def fair_held(e: Fair.Held) -> Iterator[Change]:
    yield Change(
        SQL.fair_held, (e.originator_id, e.name, e.province, e.commune, e.legal_date, e.until, *named(e.products))
    )


def named(products: Sequence[ProductRef]) -> tuple[list[object], str]:
    """Their ids, to be searched, and as JSON how they were called that day."""
    rows = [product.model_dump(mode="json", include={"id", "code", "name"}) for product in products]
    return [product.id for product in products], orjson.dumps(rows).decode()


# --- partners ---


@PARTNERS.on(Partner.Joined)
def partner_joined(e: Partner.Joined) -> Iterator[Change]:
    yield Change(SQL.partner_joined, (e.originator_id, e.kind, e.name, e.province, e.legal_date))
