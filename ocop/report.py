"""`ocop report`: a plan's report of a day, as the door of the house gives it, on the data of a stopped or running program."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

from ocop.asof import door_of, refused
from ocop.inspect import Opened, looking
from ocop.progress import console
from services.portal.views.houses import one_part

NAMED = re.compile(r'filename="([^"]+)"')


def write_report(data: Path, plan: str, asked: dict[str, Any], out: Path | None) -> int:
    """JSON to standard output, whatever else to a file; 1 where there is no such plan, or the question is none."""

    async def work(opened: Opened) -> int:
        async with door_of(opened, "programme") as client:
            params = {key: str(value) for key, value in asked.items() if value is not None}
            answer = await client.get(f"/plans/{one_part(plan)}/report", params=params)
        if not answer.is_success:
            found = answer.json()
            said = [f"{error['field']}: {error['message_vi']} / {error['message_en']}" for error in found["errors"]]
            return refused("\n".join(said) or found["detail"])
        if out is None and asked["format"] == "json":
            sys.stdout.buffer.write(answer.content)
            return 0
        file = out or Path(name_in(answer.headers["content-disposition"]))
        await asyncio.to_thread(file.write_bytes, answer.content)
        console.print(f"{file}: {len(answer.content)} byte")
        return 0

    return looking(data, work)


def name_in(disposition: str) -> str:
    found = NAMED.search(disposition)
    assert found is not None
    return found[1]
