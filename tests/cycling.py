"""The cycle of many products as the houses say it, made up, the same at every run; and each number counted by hand."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.programme.views.measures import Dimension, What
from shared import units
from shared.calendar import certificate_expiry
from shared.contracts import evaluation as ev
from shared.contracts import promotion as pr
from shared.contracts import registration as reg
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Contract, Envelope
from shared.values import Decision, Known, ProducerRef, ProductRef
from tests.given import an_id, on

CUT = date(2025, 7, 1)
BEGAN = date(2026, 5, 22)
DAY = timedelta(days=1)
LAST = date(2030, 12, 31)
# Before the cut: Quảng Bình and Long An, whose codes mean others since; Bình Thuận's Hòa Thắng, which was split; Kon Tum.
OLD = [("44", "18859"), ("80", "27694"), ("60", "23053"), ("62", "23293"), ("60", "23053")]
NEW = [("51", "21548"), ("51", "21025"), ("44", "19441"), ("42", "18073"), ("22", "06970")]
KINDS = ["cooperative", "household", "enterprise"]
SETS = [("10", "food"), ("16", "handicraft")]
DECISION = Decision(number="1", date=BEGAN, authority="x")


@dataclass(frozen=True)
class Counted:
    """One thing that counts, as a person would write it down; `map_on` is the day whose map its place is of."""

    what: What
    id: str
    day: date
    map_on: date
    province: str
    commune: str | None
    left_on: date | None = None
    group: str | None = None
    producer_kind: str | None = None
    stars: int | None = None
    confidence: str | None = None
    source: str | None = None

    def stands(self, day: date, year: int | None) -> bool:
        return self.day <= day and (self.left_on is None or day < self.left_on) and year in (None, self.day.year)

    def now(self, today: date) -> tuple[str | None, str | None]:
        """Province and commune of today; null where it has several."""
        if self.commune is None:
            return units.today_code(self.province, self.map_on, max(today, self.map_on)), None
        found = units.successors("commune", self.commune, self.map_on, max(today, self.map_on))
        above = {unit.parent for unit in found}
        return (above.pop() if len(above) == 1 else None), (found[0].code if len(found) == 1 else None)


@dataclass
class Story:
    """What one house says, in order, each with the key of its message."""

    said: list[tuple[str, Contract]] = field(default_factory=list)

    def say(self, key: object, contract: Contract) -> None:
        self.said.append((str(key), contract))


class Teller:
    """Makes up what becomes of products, and writes down what counts."""

    def __init__(self, seed: int, products: int) -> None:
        self.dice = random.Random(seed)
        self.houses = {name: Story() for name in ("registration", "evaluation", "certification", "promotion")}
        self.counted: list[Counted] = []
        self.producers: set[UUID] = set()
        self.told: set[UUID] = set()
        for n in range(products):
            self.product(n)
        for n in range(8):
            self.place(n)

    def after(self, day: date, most: int = 60) -> date:
        return min(day + timedelta(days=self.dice.randint(0, most)), LAST)

    def maybe(self, share: float) -> bool:
        return self.dice.random() < share

    def about(self, day: date) -> dict[str, Any]:
        """Of the product at hand, wherever it is on that day."""
        province, commune = self.dice.choice(OLD if day < CUT else NEW)
        return {
            "product": self.it, "producer": self.by, "province": province, "commune": commune, "legal_date": day,
            "ruleset": "qd-26-2026",
        }  # fmt: skip

    def count(self, what: What, id: object, facts: dict[str, Any], **more: Any) -> None:
        day = more.pop("day", facts["legal_date"])
        more = {"map_on": day, "group": self.it.group, "producer_kind": self.by.kind} | more
        self.counted.append(Counted(what, str(id), day, province=facts["province"], commune=facts["commune"], **more))

    # --- one product ---

    def product(self, n: int) -> None:
        set_no, group = self.dice.choice(SETS)
        self.it = ProductRef(id=an_id(f"product {n}"), name=f"Sản phẩm {n}", set=set_no, group=group)
        who = self.dice.randint(0, n // 2)
        self.by = ProducerRef(id=an_id(f"producer {who}"), name=f"Hợp tác xã {who}", kind=KINDS[who % len(KINDS)])
        day = date(2024, 6, 1) + timedelta(days=self.dice.randint(0, 900))
        if self.maybe(0.25):
            self.earlier(max(day, BEGAN))
            if n % 2:
                self.noted(max(day, BEGAN))
            return
        self.meet(day)
        if self.idea(n, day := self.after(day)):
            self.dossier(n, self.after(day))

    def meet(self, day: date) -> None:
        if self.by.id in self.producers:
            return
        self.producers.add(self.by.id)
        for kind, what in ((reg.ProducerRegistered, "producers"), (reg.ProducerVerified, "producers_verified")):
            facts = self.about(day)
            place = {name: facts[name] for name in ("producer", "province", "commune", "legal_date")}
            self.houses["registration"].say(self.by.id, kind(**place))
            self.count(what, self.by.id, facts, group=None)  # type: ignore[arg-type]
            day = self.after(day)

    def tell(self, house: str, contract: type[Contract], day: date, what: What | None, id: object, **more: Any) -> Any:
        """Says a contract about the product; `what`: it counts as that, with `stars` if it has them."""
        facts = self.about(day)
        self.houses[house].say(self.it.id, contract(**facts, **more))
        if what:
            stars = more.get("star_after_gates", 0) or 0 if what == "scored" else None
            self.count(what, id, facts, stars=stars)
        return facts

    def idea(self, n: int, day: date) -> bool:
        idea, plan = an_id(f"idea {n}"), an_id(f"plan {n}")
        self.tell("registration", reg.IdeaRegistered, day, "ideas", idea, idea_id=idea)
        if self.maybe(0.15):
            self.tell(
                "registration", reg.IdeaWithdrawn, self.after(day), "ideas_withdrawn", idea, idea_id=idea, reason="x"
            )
            return False
        self.tell("registration", reg.IdeaAccepted, day := self.after(day), "ideas_accepted", idea, idea_id=idea)
        ids = {"plan_id": plan, "idea_id": idea}
        self.tell("registration", reg.PlanSubmitted, day := self.after(day), "plans_submitted", plan, **ids)
        if self.maybe(0.3):
            self.tell("registration", reg.PlanReturned, day := self.after(day), None, plan, guidance="x", **ids)
            self.tell("registration", reg.PlanSubmitted, day := self.after(day), None, plan, **ids)
        self.tell("registration", reg.PlanApproved, day, "plans_approved", plan, plan_id=plan, decision=DECISION)
        self.tell("registration", reg.ProductRegistered, self.after(day), "products", self.it.id)
        return True

    def dossier(self, n: int, day: date) -> None:
        dossier = an_id(f"dossier {n}")
        own: dict[str, Any] = {"dossier_id": dossier, "kind": "first"}
        self.tell("registration", reg.DossierSubmitted, filed := day, "dossiers", dossier, evidence=[], **own)
        for again in range(self.dice.choice([0, 0, 1, 2])):
            what: Any = None if again else "dossiers_returned"
            day = self.after(day)
            self.tell("registration", reg.DossierReturned, day, what, dossier, missing=["EV01"], note="x", **own)
            day = self.after(day)
            self.tell("registration", reg.DossierSubmitted, day, None, dossier, evidence=[], completes=True, **own)
        day = self.after(day)
        self.tell(
            "registration", reg.DossierForwarded, day, "dossiers_forwarded", dossier, evidence=[], submitted_on=filed, **own
        )  # fmt: skip
        self.assess(n, self.after(day), dossier)

    def assess(self, n: int, day: date, dossier: UUID) -> None:
        assessment, stars = an_id(f"assessment {n}"), self.dice.choice([None, 2, 3, 4, 5])
        ids: dict[str, Any] = {"assessment_id": assessment, "dossier_id": dossier, "level": "province"}
        self.tell("evaluation", ev.AssessmentOpened, day, "assessments", assessment, **ids)
        self.tell(
            "evaluation", ev.ProductScored, day := self.after(day), "scored", assessment, **ids, round=None, kind="first",
            outcome="ranked", average="80", average_2dp=80.0, parts=None, star_by_band=stars, star_after_gates=stars,
            gates_missed=[], ballots=9, spread=1.0, recognisable=bool(stars and stars >= 3), sent_up_to=None,
        )  # fmt: skip
        if self.maybe(0.2):
            day, appeal = self.after(day), an_id(f"appeal {n}")
            self.tell(
                "evaluation", ev.AppealLodged, day, "appeals", appeal, appeal_id=appeal, reference=f"KN-{n}",
                assessment_id=assessment, dossier_id=dossier, criteria=["A1"], due_on=day,
            )  # fmt: skip
            self.tell(
                "evaluation", ev.AssessmentAnnulled, day, "annulled", assessment, **ids, reason="x", decision=DECISION
            )
        if stars and stars >= 3:
            self.certify(n, max(self.after(day), BEGAN), stars, "first")

    def earlier(self, day: date) -> None:
        """An earlier recognition, decided before the register began, of whose ruleset only the id is known."""
        stars, issued = self.dice.choice([3, 4]), BEGAN - self.dice.randint(1, 500) * DAY
        place = self.about(day)
        recorded = reg.RecognitionRecorded(
            **place | {"legal_date": issued, "ruleset": "qd-148-2023"}, number=None, stars=stars, decision=DECISION,
            issued_on=issued, expires_on=certificate_expiry(issued), recorded_on=day,
        )  # fmt: skip
        self.houses["registration"].say(self.it.id, recorded)
        self.count("products", self.it.id, place)
        if self.by.id not in self.producers:
            self.producers.add(self.by.id)
            self.count("producers", self.by.id, place, group=None)
        self.certify(self.it.name, issued, stars, "recorded")

    def noted(self, day: date) -> None:
        """An earlier recognition without a certificate, known by a source, with the place of its own day."""
        (province, commune), decided, id = OLD[0], date(2021, 3, 1), an_id(f"noted {self.it.name}")
        known = Known(province=province, commune=commune, on=decided, confidence="P", source="S22")
        facts = {
            "product": self.it, "producer": self.by, "province": "44", "commune": "", "legal_date": day,
            "ruleset": "qd-1048-2019",
        }  # fmt: skip
        self.houses["registration"].say(self.it.id, reg.RecognitionNoted(
            **facts, recognition_id=id, stars=4, year=2021, decided_on=decided, decision_number=None, authority=None,
            expires_on=None, known=known,
        ))  # fmt: skip
        place = facts | {"province": province, "commune": commune}
        self.count("recognitions_noted", id, place, day=decided, stars=4, confidence="P", source="S22")

    # --- certificates, and the catalogue ---

    def certify(self, n: object, day: date, stars: int, kind: str, replaces: CertificateIssued | None = None) -> None:
        """From a certificate to its end, and the next where it is replaced; nothing is said before the register began."""
        number, known_on, expires = f"GCN {n} {day}", max(day, BEGAN), certificate_expiry(day)
        facts = self.about(known_on) | {"legal_date": day}
        if kind == "recorded":
            facts["ruleset"] = "qd-148-2023"
        old = replaces and {"replaces_number": replaces.number, "replaces_certificate_id": replaces.certificate_id}
        held = (CertificateReplaced if replaces else CertificateIssued)(
            **facts, number=number, certificate_id=an_id(number), stars=stars, issued_on=day, expires_on=expires,
            decision=DECISION, kind=kind, assessment_id=None, **(old or {}),
        )  # fmt: skip
        self.houses["certification"].say(self.it.id, held)
        more = {"map_on": known_on, "stars": stars}
        self.count("certificates", number, facts, **more)
        left_on, how = self.end(held, known_on + DAY)
        self.count("certificates_valid", number, facts, left_on=left_on, **more)
        self.count(f"certificates_{how}", number, facts, day=left_on, **more)  # type: ignore[arg-type]
        if left_on > expires + DAY:
            self.count("certificates_extended", number, facts, day=expires + DAY, left_on=left_on, **more)
        self.show(held, known_on, left_on, how)
        if how == "replaced":
            self.certify(n, left_on, min(stars + 1, 5), "upgrade", held)

    def end(self, held: CertificateIssued, earliest: date) -> tuple[date, str]:
        """The first day on which it is not valid, and what it is then."""
        expires = held.expires_on
        ending = self.dice.choice(["unsaid", "expired", "revoked", "withdrawn", "replaced", "replaced", "extended"])
        if earliest > expires or ending in ("unsaid", "expired"):
            if ending == "expired":
                self.tell_of(held, CertificateExpired, expires + DAY, expired_on=expires + DAY)
            return expires + DAY, "expired"
        if ending == "extended":
            return self.extend(held)
        day = earliest + self.dice.randint(0, (expires - earliest).days) * DAY
        if ending != "replaced":
            self.revoke(held, day, "10.1b" if ending == "withdrawn" else "b")
        return day, "replaced" if ending == "replaced" else "revoked"

    def extend(self, held: CertificateIssued) -> tuple[date, str]:
        until = held.expires_on + 180 * DAY
        self.tell_of(held, CertificateExtended, held.expires_on, expires_on=held.expires_on, until_at_most=until)
        day = held.expires_on + self.dice.randint(2, 180) * DAY
        match self.dice.choice(["unsaid", "early", "replaced", "revoked"]):
            case "unsaid":
                return until + DAY, "expired"
            case "early":
                self.tell_of(held, CertificateExpired, day, expired_on=day)
                return day, "expired"
            case "revoked":
                self.revoke(held, day, "b")
                return day, "revoked"
        return day, "replaced"

    def revoke(self, held: CertificateIssued, day: date, ground: str) -> None:
        self.tell_of(
            held, CertificateRevoked, day, ground=ground, concluded_on=day, effective_on=day, decision=DECISION
        )

    def tell_of(self, held: CertificateIssued, kind: type[Contract], day: date, **more: Any) -> None:
        kept = ("product", "producer", "province", "commune", "ruleset", "number", "certificate_id", "stars")
        facts = {name: getattr(held, name) for name in kept}
        self.houses["certification"].say(self.it.id, kind(legal_date=day, **facts, **more))

    def show(self, held: CertificateIssued, day: date, left_on: date, how: str) -> None:
        """In the catalogue while it is valid; where it is replaced the next listing follows at once."""
        if day >= left_on:
            return
        facts = self.about(day) | {"ruleset": held.ruleset}
        shown = {"stars": held.stars, "certificate": held.number, "expires_on": held.expires_on}
        self.houses["promotion"].say(self.it.id, pr.ProductListed(**facts, **shown))
        self.count("products_listed", held.number, facts, stars=held.stars, left_on=left_on)
        if how != "replaced":
            facts = self.about(left_on) | {"certificate": held.number, "reason": how}
            self.houses["promotion"].say(self.it.id, pr.ProductDelisted(**facts))
        for n in range(self.dice.choice([0, 0, 1, 2])):
            self.tell("promotion", pr.StoryPublished, day, "stories" if self.it.id not in self.told else None, self.it.id,
                      title="x", text="x")  # fmt: skip
            self.told.add(self.it.id)
            shelf = an_id(f"shelf {held.number} {n}")
            self.tell(
                "promotion", pr.ShelfOpened, day, "shelves", shelf, shelf_id=shelf, platform="x", link="https://x"
            )

    # --- places without a product ---

    def place(self, n: int) -> None:
        """A sales point, a fair and a partner."""
        day = date(2025, 1, 1) + timedelta(days=self.dice.randint(0, 900))
        province, commune = self.dice.choice(OLD if day < CUT else NEW)
        at: dict[str, Any] = {"name": f"Nơi {n}", "province": province, "commune": commune}
        says, id = self.houses["promotion"].say, an_id(f"place {n}")
        says(id, pr.SalesPointOpened(**at, legal_date=day, sales_point_id=id, area_m2=50, products=[]))
        ends = self.after(day) if self.maybe(0.5) else None
        if ends:
            says(id, pr.SalesPointClosed(**at, legal_date=ends, sales_point_id=id, reason="x"))
        fair, partner = an_id(f"fair {n}"), an_id(f"partner {n}")
        says(fair, pr.FairHeld(**at, legal_date=day, fair_id=fair, until=day, products=[]))
        says(partner, pr.PartnerJoined(legal_date=day, partner_id=partner, name="x", kind="retail", province=province))
        place = {"day": day, "map_on": day, "province": province}
        self.counted += [
            Counted("sales_points", str(id), **place, commune=commune, left_on=ends),
            Counted("fairs", str(fair), **place, commune=commune), Counted("partners", str(partner), **place, commune=None),
        ]  # fmt: skip


# --- by hand ---

Key = tuple[Any, ...]


def by_hand(
    counted: list[Counted], what: What, by: Dimension, *, day: date, year: int | None, today: date | None
) -> Counter[Key]:
    """How many stand for each value; `today`: by the map of that day, null: by that of the day of each.

    A commune comes with its province; where each keeps its own map, a place comes with since when its code means that area.
    """
    found: Counter[Key] = Counter()
    for one in counted:
        if one.what == what and one.stands(day, year):
            found[key_of(one, by, today)] += 1
    return found


def key_of(one: Counted, by: Dimension, today: date | None) -> Key:
    province, commune = one.now(today) if today else (one.province, one.commune)
    match by:
        case "province":
            return (province, None if today else units.same_land_since("province", one.province, one.map_on))
        case "commune" if today:
            return (commune, province, None)
        case "commune":
            return (commune, province, units.same_land_since("commune", one.commune or "", one.map_on))
        case "year":
            return (one.day.year,)
    return (getattr(one, by),)


# --- as it comes over the bus ---


def envelopes(house: str, said: list[tuple[str, Contract]]) -> list[Envelope]:
    """In the order in which the house said it, one a second."""
    began = on("2026-07-22").at
    return [
        Envelope(
            id=f"{house}:{n}", type=fact.type_name(), source=f"/ocop/{house}", subject=key,
            time=began + timedelta(seconds=n),
            dataschema="/x.json", key=key, data=fact.model_dump(mode="json"),
        )
        for n, (key, fact) in enumerate(said, start=1)
    ]  # fmt: skip


def any_order(found: list[Envelope], dice: random.Random) -> Iterator[Envelope]:
    """Mixed over all keys, each key's own in order."""
    left: dict[str, list[Envelope]] = {}
    for one in found:
        left.setdefault(one.key, []).append(one)
    keys = [one.key for one in found]
    dice.shuffle(keys)
    for key in keys:
        yield left[key].pop(0)
