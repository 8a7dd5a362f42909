"""What every piece of a ruleset is: frozen, read leniently (a later index may say more), with exact points."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator


def exact(value: Any) -> int | Fraction:
    """A number of a ruleset file, exactly as printed: int where whole, else Fraction (12.5 -> 25/2)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        raise ValueError(f"not a number: {value!r}")
    if isinstance(value, int):
        return value
    number = Fraction(Decimal(repr(value))) if isinstance(value, float) else value
    return number.numerator if number.denominator == 1 else number


# Whole points stay int: a season adds millions of them, and Fraction is some thirty times slower.
Points = Annotated[int | Fraction, PlainValidator(exact)]


class Law(BaseModel):
    """A frozen piece of a ruleset. Keys that the program does not need are left in the file."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Bilingual(Law):
    """A text in Vietnamese, as people know it, and in English."""

    vi: str
    en: str
