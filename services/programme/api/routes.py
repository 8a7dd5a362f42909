"""Where the doors of programme hang: each module beside adds those of its section."""

from typing import Any

from fastapi import APIRouter

ROUTES = APIRouter()
Row = dict[str, Any]
