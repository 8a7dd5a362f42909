"""Earlier recognitions as a province's register has them: 20,000 products of all communes, with names that can be searched."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from services.registration.domain.held import Held
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared import units
from shared.calendar import certificate_expiry
from shared.eventstore.aggregate import Changed
from shared.regulation.rulesets import in_force
from shared.values import About, Decision, ProducerRef, ProductRef
from tests.given import an_id, on

RECORDED = on("2027-03-31")  # the season's last day
FIRST = date(2024, 5, 1)  # of the decisions: all certificates are in force on the day of recording
DAYS = 420
THINGS = "Chè Mật ong Nước mắm Gạo Cà phê Bưởi Tiêu Trà Miến Nấm Rượu Bánh Tinh dầu Mắm Muối Kẹo Đường Dầu".split()
MANNERS = "sạch cổ thụ nguyên chất hữu cơ núi cao truyền thống đặc sản sấy khô".split()


@cache
def communes() -> list[units.Unit]:
    day = RECORDED.on
    return [commune for province in units.provinces(day) for commune in units.communes_of(province.code, day)]


@cache
def kinds() -> list[str]:
    return [one.id for one in in_force(RECORDED.on).producers.types]


def recorded(n: int) -> Iterator[Changed]:
    """The events of the n-th product and, where it is new, of its producer: about two products each."""
    rules, commune = in_force(RECORDED.on), communes()[n * 7 % len(communes())]
    province = commune.parent or ""
    set_no = rules.sets[n % len(rules.sets)].set
    name = f"{THINGS[n % len(THINGS)]} {MANNERS[n // 3 % len(MANNERS)]} {commune.name} {n}"
    whose = n // 2
    producer = ProducerRef(
        id=an_id(f"producer {whose}"), name=f"Hợp tác xã {commune.name} {whose}", kind=kinds()[whose % len(kinds())]
    )  # fmt: skip
    if n % 2 == 0:
        yield from Producer.record(producer, province=province, commune=commune.code, when=RECORDED).collect_events()
    issued = FIRST + timedelta(days=n % DAYS)
    product = ProductRef(
        id=an_id(f"product {n}"), code=f"{province}-{commune.code}-{n}-{issued.year}", name=name, set=set_no,
        group=rules.group_of(set_no),
    )  # fmt: skip
    yield from Product.record(
        about=About(product=product, producer=producer, province=province, commune=commune.code),
        ruleset="qd-148-2023", simulated=True, when=RECORDED,
        certificate=Held(
            number=f"{n}/GCN", stars=3 + n % 9 // 5, issued_on=issued, expires_on=certificate_expiry(issued)
        ),
        decision=Decision(number=f"{n % 500}/QĐ-UBND", date=issued, authority="Chủ tịch UBND cấp tỉnh"),
    ).collect_events()  # fmt: skip
