"""The embedded PostgreSQL as a process in the foreground: `python -m ocop.native.postgres --data DIR`.

SIGTERM ends the server in order (0). It ends with 1 when the server has died: whoever watches starts it again.
"""

import logging
import sys
from pathlib import Path

import click
import uvloop

from ocop.postgres import DataInUse, EmbeddedPostgres, PostgresFailed
from ocop.sockets import NotPrivate
from ocop.unprivileged import NoUser
from shared.logs import log, to_standard_error
from shared.serving import first_of, stopped_by_signal

# Eleven processes, each with a pool and a few connections of its own.
SETTINGS = {"max_connections": "200", "shared_buffers": "256MB"}


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
def main(data: Path) -> None:
    to_standard_error(logging.INFO)
    try:
        sys.exit(uvloop.run(serve(data)))
    except (DataInUse, PostgresFailed, NoUser, NotPrivate) as error:
        sys.exit(str(error))


async def serve(data: Path) -> int:
    """Runs the server until told to stop (0) or until it has died (1). Raises as EmbeddedPostgres does."""
    stop = stopped_by_signal()
    embedded = EmbeddedPostgres(data, SETTINGS)
    try:
        await first_of(stop.wait(), started(embedded))
        if not stop.is_set():
            log.info("postgres-ready", folder=str(embedded.data))
            await first_of(stop.wait(), embedded.gone())
    finally:
        await embedded.stop()
    if not stop.is_set():
        log.warning("postgres-died", log=str(embedded.log))
    return 0 if stop.is_set() else 1


async def started(embedded: EmbeddedPostgres) -> None:
    """A server that a program with other settings left here is started again with ours."""
    await embedded.start()
    if not as_wanted(embedded.data):
        await embedded.stop()
        await embedded.start()


def as_wanted(data: Path) -> bool:
    """Whether the server over this folder was started with our settings: PostgreSQL keeps the command line."""
    told = (data / "postmaster.opts").read_text()
    return all(f'"{name}={value}"' in told for name, value in SETTINGS.items())


if __name__ == "__main__":
    main()
