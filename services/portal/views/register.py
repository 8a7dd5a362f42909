"""Certificates kept ready for whoever scans a label: what certification says of each, at most a second old.

One task reads certification's feed without a pause. What an event is about is read anew before the event counts as heard;
when it last asked and had heard all there was decides how long the register may answer by itself. An event that is not
heard yet was therefore stored after that question: nothing is answered a second after it ceased to be true. When the feed
does not answer, certification is asked each time, and with `after`, so that its own view is not older than the register.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import httpx
import orjson

from services.portal.views.houses import Houses, HouseSaid, HouseSilent
from shared.logs import log

HOUSE = "certification"
FRESH_SECONDS = 1.0
WAIT_SECONDS = 0.25  # of long polling: an answer comes at least twice while the one before is still fresh
PAUSE_SECONDS = 0.1
FEED_SECONDS = 2.0  # a feed that says nothing for so long is asked anew
MOST = 100_000  # certificates in memory, about two kilobytes each
PAGE = 500
PRODUCTS = 50  # asked for at once: their ids stand in the address
STATED = ("stars", "product", "producer", "province", "decision")
BY_PERIOD = ("reason", "replaced_by")

Facts = dict[str, Any]
Message = dict[str, Any]
Today = Callable[[], date | None]


class Ready(NamedTuple):
    """An answer as ASGI sends it: head and body, the same for everyone."""

    start: Message
    body: Message


def ready(status: int, facts: Mapping[str, Any]) -> Ready:
    body = orjson.dumps(facts)
    headers = [
        (b"content-type", b"application/json"),
        (b"vary", b"Accept"),
        (b"content-length", str(len(body)).encode()),
    ]
    return Ready(
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def facts_on(told: Mapping[str, Any], day: date) -> Facts:
    """The public facts of a certificate on a day, from one of certification's `/histories`."""
    on = day.isoformat()
    period = next(p for p in told["periods"] if p["until"] is None or on <= p["until"])
    return {
        "number": told["number"], "on": on, "status": period["status"], "since": period["since"],
        "until": period["until"], **{fact: told[fact] for fact in STATED}, **{fact: period[fact] for fact in BY_PERIOD},
    }  # fmt: skip


def unknown(number: str, day: date) -> Facts:
    """The public facts of a number that no certificate has."""
    facts = {"number": number, "on": day.isoformat(), "status": "unknown", "since": None, "until": None}
    return facts | dict.fromkeys((*STATED, *BY_PERIOD))


class Entry:
    """One certificate: all it is in its time, and the answer of the day on which it was last asked for."""

    __slots__ = ("_answer", "_day", "_told")

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = orjson.dumps(told)
        self._day: date | None = None
        self._answer: Ready

    def on(self, day: date) -> Facts:
        return facts_on(orjson.loads(self._told), day)

    def ready(self, day: date) -> Ready:
        if day != self._day:
            self._answer, self._day = ready(200, self.on(day)), day
        return self._answer


class Register:
    """`today`: the houses' day, None where it is not known for sure. Of `most` certificates the last asked for are kept.

    `line`: connections of its own to certification, so that those who ask do not hold up what spares them asking.
    """

    def __init__(
        self, clients: Mapping[str, httpx.AsyncClient], line: httpx.AsyncClient, today: Today, *, most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._clients, self._today, self._most, self._clock = clients, today, most, clock
        self._houses, self._line = Houses(clients), Houses({HOUSE: line})
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._whole = False  # every certificate there is, is here
        self.heard: int | None = None  # certification's events up to this position are in the entries
        self._seen = 0  # and up to this one are known of
        self._good_until = float("-inf")

    @property
    def kept(self) -> int:
        """How many certificates are in memory."""
        return len(self._entries)

    # --- answers ---

    def fresh_day(self) -> date | None:
        """Today, while the register may answer by itself; None while certification has to be asked."""
        return self._today() if self._clock() < self._good_until else None

    def ready(self, number: str) -> Ready | None:
        """The answer of today; None where certification has to be asked."""
        day = self.fresh_day()
        if day is None:
            return None
        entry = self._entries.get(number)
        if entry is not None:
            self._entries.move_to_end(number)
            return entry.ready(day)
        return ready(404, unknown(number, day)) if self._whole else None

    async def public(self, number: str, on: date | None, after: str | None = None) -> tuple[int, Facts]:
        """Status code and public facts of a number on a day; 404 with status `unknown` where there is none.

        With `after`, certification waits until it has that position. Raises HouseSilent, HouseSaid.
        """
        today = self.fresh_day()
        if today is None or after is not None:
            at_least = after or (f"{HOUSE}:{self._seen}" if self._seen else None)
            return await Houses(self._clients, at_least).ask(HOUSE, "certificates", number, on=on)
        day = on or today
        entry = self._entries.get(number)
        if entry is None and not self._whole:
            entry = await self._look_up(number)
        return (404, unknown(number, day)) if entry is None else (200, entry.on(day))

    async def _look_up(self, number: str) -> Entry | None:
        """Asks for one that is not kept; what was heard meanwhile may be about it, then it is not kept either."""
        heard = self.heard
        page = await self._houses.get(HOUSE, "histories", number=number, after=f"{HOUSE}:{self._seen}")
        found = [Entry(told) for told in page["certificates"]]
        if found and heard == self.heard == self._seen:
            self._keep(number, found[0])
        return found[0] if found else None

    # --- kept up with certification ---

    async def follow(self) -> None:
        """Reads what is there, then hears of every change, until cancelled."""
        silent = False
        while True:
            try:
                if self.heard is None:
                    await self._load()
                await self._hear()
                silent = False
            except (HouseSilent, HouseSaid, TimeoutError) as error:
                if not silent:
                    log.warning("register-cut-off", error=repr(error))
                silent = True
                await asyncio.sleep(PAUSE_SECONDS)

    async def _load(self) -> None:
        """Every certificate, in pages; what changes meanwhile is heard afterwards, from where the first page stood."""
        self._whole, self._seen, beyond, stood = True, 0, None, None
        while True:
            page = await self._line.get(HOUSE, "histories", beyond=beyond, limit=PAGE)
            stood = page["position"] if stood is None else stood
            self._take(page["certificates"])
            if len(page["certificates"]) < PAGE or not self._whole:
                break
            beyond = page["certificates"][-1]["number"]
        self.heard = self._seen = stood or 0

    async def _hear(self) -> None:
        """One answer of the feed, and the products that it names read anew."""
        asked = self._clock()
        async with asyncio.timeout(FEED_SECONDS):
            page = await self._line.get(HOUSE, "events", after=self.heard, limit=PAGE, wait=WAIT_SECONDS)
        self._seen = int(page["next"])
        products = sorted(products_of(page["events"]))
        for first in range(0, len(products), PRODUCTS):
            some = products[first : first + PRODUCTS]
            changed = await self._line.get(HOUSE, "histories", product=some, after=f"{HOUSE}:{self._seen}")
            self._take(changed["certificates"])
        self.heard = self._seen
        if len(page["events"]) < PAGE:
            self._good_until = asked + FRESH_SECONDS
        if page["events"]:
            await asyncio.sleep(PAUSE_SECONDS)  # more of what happens just now is read in one go

    def _take(self, certificates: Iterable[Facts]) -> None:
        for told in certificates:
            self._keep(told["number"], Entry(told))

    def _keep(self, number: str, entry: Entry) -> None:
        self._entries[number] = entry
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
            self._whole = False


def products_of(events: Iterable[Facts]) -> set[str]:
    """The products whose certificates these events may have changed."""
    return {event["data"]["product"]["id"] for event in events if "product" in event["data"]}
