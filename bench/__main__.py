"""`make bench`: the program beside named peers, in one run; the last line of the output names the file with the figures."""

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop

from bench.figures import Figure, missing, write
from bench.peers.getting import NotToBeHad

APPEND = ("append_library", "append_library_functions", "append_sql", "append_native", "append_ceiling", "lone")
CURVES = ("curve_append", "curve_read", "curve_rebuild")
IMPORT = ("import_preview", "import_commit")
# A figure is a module of its name with `measure(rounds)`, or one of several functions of a module, each of its figure's name.
MODULES = dict.fromkeys(APPEND, "append") | dict.fromkeys(CURVES, "curves") | {"read": "reading"}
MODULES |= dict.fromkeys(IMPORT, "importing")
BUS = ("lookup", "page", "relay", "react", "visible")
VIEWS = ("project", "project_library", "rebuild", "rebuild_memory")
FIGURES = (*BUS, *APPEND, "read", "snapshots", *VIEWS, "verify", "skipped", "report")
LONG = ("season", *CURVES, *IMPORT)  # whole seasons and curves: `measure()`
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
        # what is measured is kept, also when a later one breaks
        write(file, {"rounds": rounds, "events": events}, figures)
    print(f"bench: {file}")


async def measured(name: str, rounds: int, events: int | None) -> list[Figure]:
    module = importlib.import_module(f"bench.{MODULES.get(name, name)}")
    measure = getattr(module, name if name in MODULES else "measure")
    try:
        found = await (measure() if name in LONG else measure(rounds, *([events] if events else [])))
    except NotToBeHad as reason:
        found = missing(name, str(reason))
    return found if isinstance(found, list) else [found]


def line_of(figure: Figure) -> str:
    """A figure as a person reads it."""
    if reason := figure.get("missing"):
        return f"{figure['name']}: missing: {reason}"
    ours, peer = figure["ours"], figure["peer"]
    digits = 2 if figure["unit"] == "ms" else 1
    text = f"{figure['name']}: {ours['median']:,.{digits}f} {figure['unit']}"
    text += f" [{ours['min']:,.{digits}f}–{ours['max']:,.{digits}f}]"
    if peer:
        text += f"; {peer['name']} ({peer['version']}): {peer['median']:,.{digits}f}; ratio {figure['ratio']}"
    if ends := figure.get("p99_ms"):
        text += "; p99 " + ", ".join(f"{whose} {spread['median']:.2f} ms" for whose, spread in ends.items())
    if greatest := figure.get("greatest_load_held_per_s"):
        text += f"; greatest load held {greatest}/s"
    if lone := figure.get("lone_bare_trip_ms"):
        text += f"; a lone bare trip {lone['median']:.2f} ms"
    return text


if __name__ == "__main__":
    sys.exit(main())
