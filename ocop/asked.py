"""What several commands are asked for in the same words, understood."""

from ocop.standalone import ROOMS


class CalledWrongly(ValueError):
    """What was asked for makes no sense; the text says why. The exit status is then 2."""


def houses_of(house: str | None) -> list[str]:
    """The one that was named, or all. Raises CalledWrongly."""
    if house is not None and house not in ROOMS:
        raise CalledWrongly(f"--house: {', '.join(ROOMS)}")
    return [house] if house else list(ROOMS)
