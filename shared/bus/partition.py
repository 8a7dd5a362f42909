"""Which partition a key belongs to, as every Kafka client chooses: by murmur2, four bytes at a time.

The driver's own reads byte by byte and took a tenth of the relay's time.
"""

import struct
from functools import cache, lru_cache

SEED, FACTOR, BITS_32 = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF
POSITIVE = 0x7FFFFFFF


@lru_cache(maxsize=65536)
def partition_of(key: bytes, partitions: int) -> int:
    return (murmur2(key) & POSITIVE) % partitions


def murmur2(key: bytes) -> int:
    """32 bits, unsigned."""
    words, rest = words_of(len(key))
    found = SEED ^ len(key)
    for word in words.unpack_from(key):
        word = word * FACTOR & BITS_32
        word = (word ^ word >> 24) * FACTOR & BITS_32
        found = (found * FACTOR & BITS_32) ^ word
    if rest:
        found = (found ^ int.from_bytes(key[-rest:], "little")) * FACTOR & BITS_32
    found = (found ^ found >> 13) * FACTOR & BITS_32
    return found ^ found >> 15


@cache
def words_of(length: int) -> tuple[struct.Struct, int]:
    return struct.Struct(f"<{length // 4}I"), length % 4
