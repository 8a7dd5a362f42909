"""The doors of programme: what is told, and what can be read across provinces. Every number comes with its definition."""

from services.programme.api import nation, plans, recognitions
from services.programme.api.routes import ROUTES

__all__ = ["ROUTES", "nation", "plans", "recognitions"]
