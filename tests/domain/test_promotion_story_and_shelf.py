"""A story is written by the producer, reviewed and published by the agency; a shelf says where a product is sold."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.promotion.commands import OpenShelf
from services.promotion.domain.listing import Listing, Shown
from services.promotion.domain.refusals import DateGoesBack, NotListed
from services.promotion.domain.shelf import Shelf, ShelfClosed
from services.promotion.domain.story import AlreadyReviewed, NotAccepted, Story, Tale
from services.promotion.published import PUBLISHED
from shared.contracts import promotion
from shared.contracts.promotion import ShelfOpened, StoryPublished
from tests.given import about, an_id, given, on

POTS = about("Gốm Mỹ Thiện", set="16", code="51-21040-1-2026")
CERTIFICATE = Shown(certificate="GCN-51-2026-00001", stars=4, expires_on=date(2029, 9, 25), simulated=True)
TALE = Tale(title="Đất và lửa", text="Làng gốm hơn hai trăm năm bên sông Trà Bồng.")
BETTER = Tale(title="Đất và lửa Mỹ Thiện", text="Kể thêm về người giữ lò.")
LINK = "https://san.example/gom-my-thien"


def listed() -> Listing:
    listing = Listing.open(POTS, "qd-26-2026", on("2026-09-25"))
    listing.show(CERTIFICATE, POTS, "qd-26-2026", on("2026-09-25"))
    return listing


def not_listed() -> Listing:
    listing = listed()
    listing.delist(CERTIFICATE.certificate, "revoked", on("2026-09-27"))
    return listing


def written() -> Story:
    return Story.write(TALE, listed(), on("2026-09-28"))


def reviewed(accepted: bool = True) -> Story:
    story = written()
    story.review("Hay, đúng với hồ sơ.", accepted, on("2026-10-06"))
    return story


def published() -> Story:
    story = reviewed()
    story.publish(listed(), on("2026-10-12"))
    return story


# --- story ---


def test_a_story_that_was_accepted_is_published_and_said():
    case = given(reviewed()).when(lambda s: s.publish(listed(), on("2026-10-12")))
    said = PUBLISHED(case.then(Story.Published))
    assert isinstance(said, StoryPublished)
    assert (said.title, said.text, said.legal_date) == (TALE.title, TALE.text, date(2026, 10, 12))
    assert said.product == POTS.product


def test_what_is_only_written_or_reviewed_is_not_said():
    case = given(written()).when(lambda s: s.review("Được.", True, on("2026-10-06")))
    assert PUBLISHED(case.then(Story.Reviewed)) is None
    case.when(lambda s: s.rewrite(BETTER, listed(), on("2026-10-07")))
    assert PUBLISHED(case.then(Story.Rewritten)) is None


def test_only_a_listed_product_has_a_story():
    with pytest.raises(NotListed) as refused:
        Story.write(TALE, not_listed(), on("2026-09-28"))
    assert (refused.value.rule, refused.value.field) == ("product-not-listed", "product_id")
    given(written()).refuses(NotListed, lambda s: s.rewrite(BETTER, not_listed(), on("2026-09-29")))


def test_a_story_is_not_published_while_its_product_is_not_listed():
    given(reviewed()).refuses(NotListed, lambda s: s.publish(not_listed(), on("2026-10-12")))


@pytest.mark.parametrize("story", [written, lambda: reviewed(accepted=False), published])
def test_only_an_accepted_story_is_published(story):
    refusal = given(story()).refuses(NotAccepted, lambda s: s.publish(listed(), on("2026-10-13")))
    assert refusal.rule == "story-not-accepted"


@pytest.mark.parametrize("story", [reviewed, lambda: reviewed(accepted=False), published])
def test_a_story_is_reviewed_once(story):
    refusal = given(story()).refuses(AlreadyReviewed, lambda s: s.review("Lại.", True, on("2026-10-13")))
    assert refusal.rule == "story-already-reviewed"


@pytest.mark.parametrize("story", [written, lambda: reviewed(accepted=False), reviewed, published])
def test_a_story_written_anew_is_reviewed_anew(story):
    case = given(story()).when(lambda s: s.rewrite(BETTER, listed(), on("2026-10-13")))
    case.then(Story.Rewritten)
    case.refuses(NotAccepted, lambda s: s.publish(listed(), on("2026-10-13")))
    case.when(lambda s: s.review("Đạt.", True, on("2026-10-14"))).then(Story.Reviewed)
    said = PUBLISHED(case.when(lambda s: s.publish(listed(), on("2026-10-15"))).then(Story.Published))
    assert isinstance(said, StoryPublished)
    assert said.title == BETTER.title


def test_no_step_of_a_story_is_before_the_step_before():
    given(written()).refuses(DateGoesBack, lambda s: s.review("Sớm.", True, on("2026-09-27")))
    given(written()).refuses(DateGoesBack, lambda s: s.rewrite(BETTER, listed(), on("2026-09-27")))
    given(reviewed()).refuses(DateGoesBack, lambda s: s.publish(listed(), on("2026-10-05")))


# --- shelf ---


def opened() -> Shelf:
    return Shelf.open(an_id("shelf"), platform="Sàn Ví Dụ", link=LINK, listing=listed(), when=on("2026-10-15"))


def test_a_shelf_that_was_opened_is_said_with_its_link():
    said = PUBLISHED(opened().pending_events[0])
    assert isinstance(said, ShelfOpened)
    assert (said.shelf_id, said.platform, said.link) == (an_id("shelf"), "Sàn Ví Dụ", LINK)
    assert (said.product, said.legal_date) == (POTS.product, date(2026, 10, 15))


def test_only_a_listed_product_has_a_shelf():
    with pytest.raises(NotListed):
        Shelf.open(an_id("shelf"), platform="Sàn Ví Dụ", link=LINK, listing=not_listed(), when=on("2026-10-15"))


def test_a_shelf_is_closed_once_and_not_before_it_was_opened():
    given(opened()).refuses(DateGoesBack, lambda s: s.close(on("2026-10-14")))
    case = given(opened()).when(lambda s: s.close(on("2026-12-01")))
    said = PUBLISHED(case.then(Shelf.Closed))
    assert isinstance(said, promotion.ShelfClosed)
    assert (said.shelf_id, said.legal_date) == (an_id("shelf"), date(2026, 12, 1))
    assert case.refuses(ShelfClosed, lambda s: s.close(on("2026-12-02"))).rule == "shelf-already-closed"


@pytest.mark.parametrize(
    "link", ["http://san.example/x", "javascript:alert(1)", "https://san.example/a b", 'https://x"onclick=', "https://"]
)
def test_a_link_is_one_that_a_page_may_show(link: str):
    facts = {"id": an_id("shelf"), "product_id": an_id("p"), "platform": "Sàn Ví Dụ"}
    assert OpenShelf(**facts, link=LINK).link == LINK
    with pytest.raises(ValidationError):
        OpenShelf(**facts, link=link)
