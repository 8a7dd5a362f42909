"""What a process does about garbage before it goes to work."""

import gc

YOUNG = 10_000  # objects made between two searches; with Python's 700 a relay spent a third of its time on searching


def settled() -> None:
    """From now on what is in memory is searched for garbage no more, and what comes is searched less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
