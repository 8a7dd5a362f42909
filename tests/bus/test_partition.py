"""Keys go where every other Kafka client would put them."""

from aiokafka.partitioner import murmur2 as by_the_driver
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.partition import murmur2, partition_of


@given(st.binary(max_size=200))
def test_every_key_hashes_as_the_driver_hashes_it(key: bytes) -> None:
    assert murmur2(key) == by_the_driver(key) & 0xFFFFFFFF


def test_known_keys_lie_in_known_partitions() -> None:
    """Of Kafka's own test of its hash: -973932308 for "21", -790332482 for "foobar"."""
    assert [partition_of(key, 1 << 31) for key in (b"21", b"foobar")] == [
        -973932308 & 0x7FFFFFFF,
        -790332482 & 0x7FFFFFFF,
    ]
