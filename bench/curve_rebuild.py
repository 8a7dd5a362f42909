"""`curve_rebuild`: events a second of a rebuild at growing stores; one figure for each size."""

from bench.figures import Figure, alone
from bench.on_bus import durable_server
from bench.register import rebuilt, register_on

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
ROUNDS = 5


async def measure(rounds: int = ROUNDS, sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    found = []
    for size in sizes:
        async with durable_server() as server, register_on(server, size) as (database, _):
            made = [await rebuilt(database) for _ in range(rounds)]
        rates = [one["upto"] / one["seconds"] for one in made]
        found.append(alone(f"curve_rebuild_{size}", "events/s", rates, better="higher"))
    return found
