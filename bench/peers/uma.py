"""UmaDB: its server from its own wheel, in a folder that goes with it, through its blocking Python client."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import umadb

from bench.peers.work import Slot, asked, driven_by_threads, tell

START_SECONDS = 10


def connected(url: str) -> umadb.Client:
    """Once the server answers; its client's own error when it does not in time."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            client = umadb.Client(url)
            client.head()
            return client
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def main() -> None:
    given = asked()
    with tempfile.TemporaryDirectory(prefix="ocop-bench-") as folder:
        listen = f"127.0.0.1:{given['port']}"
        program = Path(sys.executable).with_name("umadb")
        server = subprocess.Popen([program, "--listen", listen, "--db-path", folder], stdout=subprocess.DEVNULL)
        try:
            client = connected(f"http://{listen}")

            def append(slot: Slot, events: list[dict[str, object]]) -> None:
                stream = f"dossier:{slot.stream}"
                batch = [umadb.Event("Marked", json.dumps(facts).encode(), tags=[stream]) for facts in events]
                own = umadb.Query([umadb.QueryItem(tags=[stream])])
                slot.state = client.append(batch, umadb.AppendCondition(own, after=slot.state))

            tell(driven_by_threads(append, given["threads"], given["seconds"]))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
