"""The doors of promotion: who may ask what, and what can be read. The catalogue itself follows the certificates."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from services.promotion import commands, views
from shared.auth.actors import Actor
from shared.placed import ANYWHERE, IN_PLACE, IN_PROVINCE, Where
from shared.web import Day, Page, Reading, Skip, Stars, found, officer, reads, takes

ROUTES = APIRouter()
READ = "promotion:read-internal"
WORDS = Annotated[str, Query(max_length=200, description="có dấu hay không dấu / with or without accents")]
Row = dict[str, Any]
MOST = 100  # of one product's shelves, sales points, fairs

# --- catalogue ---


@ROUTES.get("/catalogue")
async def catalogue(
    q: WORDS = "", place: Where = IN_PLACE, group: str | None = None,
    set: Annotated[str | None, Query()] = None, stars: Stars = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.CATALOGUE),
) -> list[Row]:  # fmt: skip
    """Products with a certificate in force: more stars first, then by name. `extended_until`: 26/2026 art. 12.3.

    Places by today's map, or by that of a day (`map=day`, `known_on`).
    """
    wanted = (views.words(q), group, set, stars, limit, offset)
    return await view.fetch(view.sql.catalogue, *wanted, *place.arguments)


@ROUTES.get("/search")
async def search(
    q: WORDS = "", place: Where = IN_PLACE, group: str | None = None,
    set: Annotated[str | None, Query()] = None, stars: Stars = None, state: Literal["valid", "extended"] | None = None,
    limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.CATALOGUE),
) -> Row:  # fmt: skip
    """The catalogue with how many there are in all, forgiving accents that are missing and letters that slipped.

    `read_as`: what was looked for instead of words that no product has, or whose combination none has; each a list.
    """
    asked = views.folded(q).split()
    known = {row["asked"] for row in await view.fetch(view.sql.known, asked)} if asked else frozenset()
    filters = (group, set, stars, state, *place.arguments)
    for certain in (known, frozenset()):
        read_as = {word: await alike(view, word) for word in asked if word not in certain}
        patterns = [f"%{word}%" for word in asked if word in certain]
        typed_wrong = [await question(view, word, others) for word, others in read_as.items()]
        rows = await view.fetch(view.sql.found, patterns, " & ".join(typed_wrong), *filters, limit, offset)
        total = rows[0]["total"]
        if total or len(read_as) == len(asked):
            break
    return {"total": total, "rows": [without_total(row) for row in rows if row["product_id"]], "read_as": read_as}


def without_total(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "total"}


async def alike(view: Reading, word: str) -> list[str]:
    rows = await view.fetch(view.sql.like_words, views.pairs_alike(word), len(word))
    return views.near(word, [row["word"] for row in rows])


async def question(view: Reading, word: str, others: list[str]) -> str:
    """For a word, as a part of a word or whole or with spaces left out, and for others like it."""
    around = [row["word"] for row in await view.fetch(view.sql.words_around, word)]
    return views.terms(word, [*others, *(one for one in around if word in one)], views.split_up(word, around))


@ROUTES.get("/catalogue/{product_id}")
async def product(product_id: UUID, view: Reading = reads(views.CATALOGUE)) -> Row:
    """404 where it is not listed (any more)."""
    return found(await view.row(view.sql.product, product_id), "listing", product_id)


@ROUTES.get("/products/{product_id}/listings")
async def listings(product_id: UUID, view: Reading = reads(views.LISTINGS)) -> list[Row]:
    """Under which certificates it was shown: from `listed_on` to the day before `off_on`; `reason` of its end."""
    return await view.fetch(view.sql.listings_of, product_id)


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.CATALOGUE)) -> Row:
    """How many products stand in the catalogue, of how many producers and provinces."""
    return (await view.fetch(view.sql.counts))[0]


@ROUTES.get("/products/{product_id}/offers")
async def offers(
    product_id: UUID,
    view: Reading = reads(views.LISTINGS, views.STORIES, views.SHELVES, views.SALES_POINTS, views.FAIRS),
) -> Row:
    """Where a product is and was shown and sold, in one answer; `story` null while none is published."""
    sql, anywhere = view.sql, (product_id, None, MOST, 0, *ANYWHERE.arguments)
    return {
        "listings": await view.fetch(sql.listings_of, product_id),
        "story": await view.row(sql.story, product_id),
        "shelves": await view.fetch(sql.shelves, *anywhere),
        "sales_points": [opened(row) for row in await view.fetch(sql.sales_points, *anywhere)],
        "fairs": [opened(row) for row in await view.fetch(sql.fairs, *anywhere)],
    }  # fmt: skip


# --- story ---

takes(ROUTES, "/products/{product_id}/story", commands.WriteStory, "promotion:write-story", status=201)
takes(ROUTES, "/products/{product_id}/story/review", commands.ReviewStory, "promotion:review-story")
takes(ROUTES, "/products/{product_id}/story/publication", commands.PublishStory, "promotion:publish-story")


@ROUTES.get("/products/{product_id}/story")
async def story(product_id: UUID, view: Reading = reads(views.STORIES)) -> Row:
    """The story as it was last published; 404 while there is none."""
    return found(await view.row(view.sql.story, product_id), "story", product_id)


@ROUTES.get("/stories")
async def stories(
    place: Where = IN_PLACE, state: views.StoryState | None = None, limit: Page = 100, offset: Skip = 0,
    _: Actor = officer(READ), view: Reading = reads(views.STORIES),
) -> list[Row]:  # fmt: skip
    """All stories with state, opinion and the version last written, longest written first."""
    return await view.fetch(view.sql.stories, state, limit, offset, *place.arguments)


# --- shelf ---

takes(ROUTES, "/products/{product_id}/shelves", commands.OpenShelf, "promotion:open-shelf", status=201)
takes(ROUTES, "/shelves/{shelf_id}/closing", commands.CloseShelf, "promotion:close-shelf")


@ROUTES.get("/shelves")
async def shelves(
    product: UUID | None = None, place: Where = IN_PLACE, state: views.Standing | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.SHELVES),
) -> list[Row]:  # fmt: skip
    return await view.fetch(view.sql.shelves, product, state, limit, offset, *place.arguments)


@ROUTES.get("/products/{product_id}/shelves")
async def shelves_of(product_id: UUID, view: Reading = reads(views.SHELVES)) -> list[Row]:
    """The shelves on which the product is sold now."""
    return await view.fetch(view.sql.shelves, product_id, "open", 1000, 0, *ANYWHERE.arguments)


@ROUTES.get("/shelves/{shelf_id}")
async def shelf(shelf_id: UUID, view: Reading = reads(views.SHELVES)) -> Row:
    return found(await view.row(view.sql.shelf, shelf_id), "shelf", shelf_id)


# --- sales point ---

takes(ROUTES, "/sales-points", commands.OpenSalesPoint, "promotion:open-sales-point", status=201)
takes(ROUTES, "/sales-points/{sales_point_id}/closing", commands.CloseSalesPoint, "promotion:close-sales-point")


@ROUTES.get("/sales-points")
async def sales_points(
    place: Where = IN_PLACE, product: UUID | None = None, state: views.Standing | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.SALES_POINTS),
) -> list[Row]:  # fmt: skip
    """With the rules that each was checked against, and the products as they were shown at its opening."""
    rows = await view.fetch(view.sql.sales_points, product, state, limit, offset, *place.arguments)
    return [opened(row) for row in rows]


@ROUTES.get("/sales-points/{sales_point_id}")
async def sales_point(sales_point_id: UUID, view: Reading = reads(views.SALES_POINTS)) -> Row:
    return opened(found(await view.row(view.sql.sales_point, sales_point_id), "sales point", sales_point_id))


# --- fair ---

takes(ROUTES, "/fairs", commands.HoldFair, "promotion:hold-fair", status=201)


@ROUTES.get("/fairs")
async def fairs(
    place: Where = IN_PLACE, product: UUID | None = None, on: Day = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.FAIRS),
) -> list[Row]:  # fmt: skip
    """`on`: only those that last on that day; all without it."""
    rows = await view.fetch(view.sql.fairs, product, on, limit, offset, *place.arguments)
    return [opened(row) for row in rows]


@ROUTES.get("/fairs/{fair_id}")
async def fair(fair_id: UUID, view: Reading = reads(views.FAIRS)) -> Row:
    return opened(found(await view.row(view.sql.fair, fair_id), "fair", fair_id))


# --- partner ---

takes(ROUTES, "/partners", commands.RegisterPartner, "promotion:register-partner", status=201)


@ROUTES.get("/partners")
async def partners(
    kind: views.PartnerKind | None = None, place: Where = IN_PROVINCE, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.PARTNERS),
) -> list[Row]:  # fmt: skip
    return await view.fetch(view.sql.partners, kind, limit, offset, *place.arguments)


def opened(row: Row) -> Row:
    """The columns that are kept as JSON text, as JSON."""
    return row | {column: orjson.loads(row[column]) for column in ("rules", "products") if column in row}
