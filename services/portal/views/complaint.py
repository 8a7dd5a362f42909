"""A complaint about a certified product: what the form says, passed on to certification, and what came of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import UUID, uuid5

from services.portal.views import words
from services.portal.views.houses import Houses
from shared.values import Refusal

COMPLAINTS = UUID("9d0f3a57-0f0c-5b0e-9a55-706f7274616c")  # namespace of the keys of forms
MOST_BYTES = 65_536  # of a form: 4,000 letters of three bytes, each written as %XX, and the contact
FIELDS = ("text", "contact", "form")


class FormTooLarge(Refusal):
    rule = "form-too-large"
    vi = "Nội dung gửi lên vượt quá {most} byte."
    en = "What was sent is larger than {most} bytes."


class FormUnreadable(Refusal):
    rule = "form-unreadable"
    vi = "Không đọc được biểu mẫu gửi lên; xin mở lại trang và gửi lần nữa."
    en = "The form could not be read; please open the page again and send it once more."


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody typed; `form` tells one opened form from another."""

    text: str = ""
    contact: str = ""
    form: str = ""

    @property
    def key(self) -> str:
        """The same for a form sent twice, another one once it was changed."""
        return str(uuid5(COMPLAINTS, "\n".join((self.form, self.contact, self.text))))


async def form_of(chunks: AsyncIterator[bytes]) -> Form:
    """Reads a form as browsers send it. Raises FormTooLarge, FormUnreadable."""
    raw = b""
    async for chunk in chunks:
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise FormTooLarge(field="form", most=MOST_BYTES)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=len(FIELDS))
    except ValueError as error:
        raise FormUnreadable(field="form") from error
    given = {name: value.replace("\r\n", "\n").strip() for name, value in pairs if name in FIELDS}
    return Form(**given)


async def send(houses: Houses, number: str, form: Form) -> tuple[int, dict[str, Any]]:
    """Status and answer of certification: `reference`, `due_on` and `position`, or a problem."""
    body = {"text": form.text} | ({"contact": form.contact} if form.contact else {})
    return await houses.post("certification", "certificates", number, "complaints", key=form.key, body=body)


async def answered(houses: Houses, reference: str) -> dict[str, Any] | None:
    """What anyone with the reference may read: never what was written, or by whom; None where there is none."""
    found = await houses.find("certification", "complaints", reference)
    return found and found | {"state_name": words.known(words.COMPLAINT_STATES, found["state"])}


def path_of(reference: str) -> str:
    """Where the page of a reference is, whatever somebody typed as reference."""
    return f"/complaints/{quote(reference, safe='')}"
