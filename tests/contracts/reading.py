"""What decoding must give again of what was once said."""

from typing import Any


def as_far_as_said(again: Any, said: Any) -> Any:
    """Of what decoding gave, only what was said, at every depth: fields that came later stand beside it."""
    if isinstance(said, dict) and isinstance(again, dict):
        return {field: as_far_as_said(again[field], value) for field, value in said.items()}
    if isinstance(said, list) and isinstance(again, list) and len(said) == len(again):
        return [as_far_as_said(one, value) for one, value in zip(again, said, strict=True)]
    return again
