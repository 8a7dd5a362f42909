"""`make bench`: the program beside named peers, in one run; the last line of the output names the file with the figures."""

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop

from bench.figures import Figure, write

FIGURES = (
    "lookup",
    "relay",
    "react",
    "visible",
    "project",
    "project_library",
    "rebuild",
    "rebuild_memory",
)  # a module of this package each, with `measure(rounds)`
LONG = ("season", "curve_rebuild")  # whole seasons and curves: `measure()`
ROUNDS = 5


@click.command()
@click.option("--only", help="some of the figures, separated by commas")
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
@click.option("--events", type=click.IntRange(1), help="fewer stored events, for trying a figure that has some")
@click.option("--long", "is_long", is_flag=True, help="the long ones instead")
@click.option("--out", type=click.Path(path_type=Path), help="by default var/bench/<time>.json")
def main(only: str | None, rounds: int, events: int | None, is_long: bool, out: Path | None) -> None:
    names = only.split(",") if only else LONG if is_long else FIGURES
    unknown = set(names) - {*FIGURES, *LONG}
    if unknown:
        raise click.UsageError(f"--only: {', '.join(sorted(unknown))}: expected some of {', '.join(FIGURES + LONG)}")
    file = out or Path("var/bench") / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    figures: list[Figure] = []
    for name in names:
        found = uvloop.run(measured(name, rounds, events))
        figures += found
        for figure in found:
            print(line_of(figure), flush=True)
        write(
            file, {"rounds": rounds, "events": events}, figures
        )  # what is measured is kept, also when a later one breaks
    print(f"bench: {file}")


async def measured(name: str, rounds: int, events: int | None) -> list[Figure]:
    measure = importlib.import_module(f"bench.{name}").measure
    found = await (measure() if name in LONG else measure(rounds, *([events] if events else [])))
    return found if isinstance(found, list) else [found]


def line_of(figure: Figure) -> str:
    """A figure as a person reads it."""
    ours, peer = figure["ours"], figure["peer"]
    text = f"{figure['name']}: {ours['median']:,.1f} {figure['unit']} [{ours['min']:,.1f}–{ours['max']:,.1f}]"
    if peer:
        text += f"; {peer['name']} ({peer['version']}): {peer['median']:,.1f}; ratio {figure['ratio']}"
    return text


if __name__ == "__main__":
    sys.exit(main())
