"""Where evidence lies: its bytes under their SHA-256, in a local folder or an S3 bucket; events hold the hash only."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import obstore
from obstore.store import ObjectStore

from shared.values import Refusal

MOST_BYTES = 64 * 1024 * 1024


class TooLarge(Refusal):
    rule = "evidence-too-large"
    vi = "Minh chứng vượt quá {most} byte."
    en = "The evidence is larger than {most} bytes."


class Empty(Refusal):
    rule = "evidence-empty"
    vi = "Minh chứng không có nội dung."
    en = "The evidence is empty."


async def keep(files: ObjectStore, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
    """Keeps one paper; returns its `sha256` (hex) and `size` (bytes). Raises TooLarge, Empty."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MOST_BYTES:
            raise TooLarge(field="body", most=MOST_BYTES)
    if not content:
        raise Empty(field="body")
    digest = hashlib.sha256(content).hexdigest()
    await obstore.put_async(files, digest, bytes(content))
    return {"sha256": digest, "size": len(content)}


async def kept_size(files: ObjectStore, digest: str) -> int | None:
    """The size in bytes of a kept paper, None where there is none of this SHA-256."""
    try:
        return (await obstore.head_async(files, digest))["size"]
    except FileNotFoundError:
        return None
