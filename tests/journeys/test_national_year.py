"""The national year of the benchmark: made of the country as it is, the same for the same seed."""

import asyncio
from collections import Counter
from datetime import date

import pytest

from bench.national.client import Client, ConnectionBroken
from bench.national.playing import days_of
from bench.national.year import Year
from shared.calendar import is_working_day
from shared.units import communes_of, provinces

DAY = date(2026, 6, 1)
NATIONAL = 3_400  # a few more than there are communes


@pytest.fixture(scope="module")
def year() -> Year:
    return Year(NATIONAL, "a seed")


def test_every_commune_of_today_has_a_dossier(year: Year) -> None:
    communes = {commune.code for p in provinces(DAY) for commune in communes_of(p.code, DAY)}
    assert {line.product.commune for line in year.lines} == communes
    assert set(year.councils) == {p.code for p in provinces(DAY)} | {"ministry"}


def test_the_same_seed_makes_the_same_year_and_another_one_another(year: Year) -> None:
    assert Year(NATIONAL, "a seed").lines == year.lines
    assert Year(NATIONAL, "another").lines != year.lines


def test_acts_are_in_order_on_working_days_and_the_register_knows_the_past_beforehand(year: Year) -> None:
    for line in year.lines:
        days = [step.day for step in line.steps]
        assert days == sorted(days)
        assert all(map(is_working_day, days))
    earlier, steps = days_of(year)
    assert {step.do for _, step in earlier} == {"recognition_recorded"}
    assert steps[0][1].day == year.first
    assert not any(step.do == "recognition_recorded" for _, step in steps)


def test_results_end_in_certificates_or_in_none(year: Year) -> None:
    ends = Counter(line.steps[-1].do for line in year.lines)
    stars = Counter(line.end["stars"] for line in year.lines)
    assert ends == {
        "certificate_issued": stars[3] + stars[4], "result_returned": stars[5], "not_recognised": stars[2]
    }  # fmt: skip
    assert year.certificates == NATIONAL - stars[2]


async def test_the_loads_client_asks_again_where_a_kept_connection_was_let_go_of() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
        await writer.drain()
        writer.write(b"{}")
        await reader.read(1)  # the next request comes, and is never answered
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 1)
    assert (await client.get("/one")).json() == {}
    assert (await client.get("/two")).json() == {}
    assert [line.split()[1] for line in asked] == [b"/one", b"/two"]
    client.close()
    server.close()
    with pytest.raises((ConnectionBroken, ConnectionError)):
        await client.get("/three")
