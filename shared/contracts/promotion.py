"""What the promotion house says. Consumers: the portal's catalogue, subscribers outside."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import ProductContract


class ProductListed(ProductContract):
    """A certified product stands in the catalogue; `certificate` is its number, `expires_on` that certificate's last day."""

    HOUSE: ClassVar[str] = "promotion"
    stars: int = Field(ge=3, le=5)
    certificate: str
    expires_on: date
    simulated: bool = False
