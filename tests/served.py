"""Certification's doors and the portal as processes of their own, over many certificates; no broker is needed for them."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from ocop.databases import HouseDatabase
from services.certification.domain.numbers import CertificateNumbers
from services.certification.domain.recognition import Recognition
from services.certification.main import HOUSE as CERTIFICATION
from shared.auth.actors import Actor, Role
from shared.auth.tokens import DEV_TOKEN_LASTS, load_key, sign
from shared.clock import Clock, machine_time
from shared.contracts.topics import HOUSES
from shared.eventstore.migrate import migrate
from shared.eventstore.played import play_day
from shared.house import House, running
from tests import certifying
from tests.given import about, an_id, on

TODAY = date(2027, 3, 3)
DEADLINE_SECONDS = 60
GROUP = 250  # certificates in one append
NUMBERED = 100  # the first, of which something may be said by command
DECIDED = {"number": "12/QĐ-UBND", "authority": "Chủ tịch UBND tỉnh Quảng Ngãi"}
REVOCATION: dict[str, Any] = {
    "ground": "c", "decision": DECIDED | {"date": TODAY.isoformat()}, "conclusion": DECIDED | {"date": "2027-03-01"},
}  # fmt: skip


def number_of(n: int) -> str:
    """The number of the n-th certificate, from 1."""
    return f"GCN-51-2026-{n:05}"


def recognitions(first: int, upto: int) -> Iterator[Recognition]:
    """Products recognised on their first dossier, each with one certificate that is in force."""
    for n in range(first, upto):
        result = certifying.proposal(3 + n % 2, assessment=f"assessment {n}")
        facts = about(product_name(n), code=f"51-21548-{n}-2026")
        recognition = certifying.proposed(result, facts)
        certifying.issue(recognition, number=number_of(n), day="2026-10-01", assessment=f"assessment {n}")
        yield recognition


def numbering(upto: int) -> CertificateNumbers:
    """Says whose the first numbers are, so that commands find their products."""
    when = on("2026-10-01")
    numbers = CertificateNumbers.open("51", 2026, when)
    for n in range(1, upto):
        numbers.allocate(an_id(product_name(n)), when)
    return numbers


def product_name(n: int) -> str:
    return f"Sản phẩm minh họa {n}"


async def issue(house: House, first: int, upto: int) -> None:
    """Stores certificates by the store's own append; returns when certification's views have them."""
    if first == 1:
        said = list(numbering(min(upto, NUMBERED + 1)).collect_events())
        await house.store.append(said, request="numbers", fingerprint=b"", metadata="{}", answer="{}")
    for begin in range(first, upto, GROUP):
        group = recognitions(begin, min(begin + GROUP, upto))
        said = [event for recognition in group for event in recognition.collect_events()]
        await house.store.append(said, request=f"certificates {begin}", fingerprint=b"", metadata="{}", answer="{}")
    head = await house.store.head()
    for view in house.room.own:
        await house.freshness.wait(view, f"{house.name}:{head}", DEADLINE_SECONDS)


@dataclass
class Served:
    """The processes at work; `house` is certification in this process, which does the work of its worker."""

    house: House
    portal: httpx.AsyncClient
    certification: httpx.AsyncClient
    processes: dict[str, asyncio.subprocess.Process]
    key: Any

    def send(self, process: str, number: signal.Signals) -> None:
        self.processes[process].send_signal(number)

    def bearer(self, role: Role, place: str) -> dict[str, str]:
        token = sign(Actor(f"{role} of {place}", role, place), self.key, machine_time() + DEV_TOKEN_LASTS)
        return {"authorization": f"Bearer {token}"}

    async def revoke(self, number: str) -> httpx.Response:
        """Through the portal, as the chairman of the province does."""
        path = f"/certification/certificates/{number}/revocation"
        answer = await self.portal.post(path, json=REVOCATION, headers=self.bearer("province_chairman", "51"))
        assert answer.status_code == 200, answer.text
        return answer

    async def asked(self) -> int:
        """How often certification was asked for one certificate."""
        text = (await self.certification.get("/metrics")).text
        lines = [line for line in text.splitlines() if 'route="/certificates/{number}"' in line and "_count{" in line]
        return round(sum(float(line.rpartition(" ")[2]) for line in lines))

    async def by_itself(self, number: str) -> None:
        """Returns when the portal answers without asking certification."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                before = await self.asked()
                await self.lookup(number)
                if await self.asked() == before:
                    return
                await asyncio.sleep(0.05)

    async def lookup(self, number: str, **query: Any) -> httpx.Response:
        return await self.portal.get(f"/c/{number}", params=query, headers={"accept": "application/json"})


def a_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@asynccontextmanager
async def process(module: str, *arguments: object, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m module …` until the block ends."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *map(str, arguments), env=os.environ | {"PYTHONWARNINGS": "default"} | env
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGCONT)  # one that a test has stopped
            started.terminate()
        try:
            async with asyncio.timeout(10):
                await started.wait()
        except TimeoutError:
            started.kill()
            await started.wait()


async def answering(client: httpx.AsyncClient, path: str, status: int = 200) -> None:
    """Returns when a process answers as it should."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError):  # it is still starting
                if (await client.get(path)).status_code == status:
                    return
            await asyncio.sleep(0.05)


def addresses(ports: Mapping[str, int]) -> str:
    return ",".join(f"{house}=http://127.0.0.1:{ports[house]}" for house in HOUSES)


@asynccontextmanager
async def at_work(database: HouseDatabase, folder: Path, certificates: int) -> AsyncIterator[Served]:
    """So many certificates stored and shown, a day on which all are in force, and both processes answering."""
    await migrate(database.owner_dsn, database.server_role, CERTIFICATION.room)
    await play_day(database.owner_dsn, TODAY, playing=True)
    clock, key = Clock(), load_key(folder / "token-key.pem")
    clock.play(TODAY)
    house = House(CERTIFICATION, database.server_dsn, clock, key)
    await house.store.open()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.store.close)
        await stack.enter_async_context(running(*house.tasks()))
        await issue(house, 1, certificates + 1)
        ports = {name: a_port() for name in (*HOUSES, "portal")}
        at = ("--host", "127.0.0.1", "--data", folder)
        doors = await stack.enter_async_context(process(
            "services.certification.main", "api", "--port", ports["certification"], *at,
            OCOP_DATABASE_URL=database.server_dsn, OCOP_SIMULATED="1",
        ))  # fmt: skip
        portal = await stack.enter_async_context(process(
            "services.portal.main", "--port", ports["portal"], *at, OCOP_HOUSES=addresses(ports), OCOP_SIMULATED="1",
        ))  # fmt: skip
        clients = [
            await stack.enter_async_context(client_at(ports[name])) for name in ("portal", "certification")
        ]  # fmt: skip
        await answering(clients[1], "/readyz")
        await answering(clients[0], "/livez")
        yield Served(house, *clients, {"certification": doors, "portal": portal}, key)


def client_at(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
