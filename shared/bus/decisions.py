"""What a person may decide about a dead letter, and why it may be refused."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from shared.contracts.envelope import Envelope
from shared.eventstore.commands import Command
from shared.values import Refusal

SHORTEST_REASON = 10  # characters, as the table says too
LONGEST_REASON = 2000
LETTER_ID = r"^[!-~]+$"  # `<house>:<position>`, or `<topic>/<partition>/<offset>` of what cannot be read

Kind = Literal["refused", "malformed", "failed", "queued", "unreadable"]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=SHORTEST_REASON, max_length=LONGEST_REASON)
]  # fmt: skip


class Decision(Command):
    """Not about a fact of the programme: it has no legal date, and is of the moment in which it is made."""

    on: ClassVar[None] = None  # type: ignore[misc]
    letter_id: str = Field(pattern=LETTER_ID, max_length=300)


class RetryLetter(Decision):
    """Puts a dead letter back to work: it goes through the present code and schema at once, and what queues follows it."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON)] = ""


class EditLetter(Decision):
    """Puts other data into a dead letter, then retries it. What could not be read may be written anew as a whole."""

    reason: Reason
    data: dict[str, Any] | None = Field(default=None, description="Dữ liệu của hợp đồng / the contract's data")
    envelope: Envelope | None = Field(
        default=None, description="Cả phong bì, chỉ khi không đọc được / the whole of it, only where it is unreadable"
    )
    retry: bool = Field(default=True, description="Thử lại ngay / retry at once")


class DropLetter(Decision):
    """Removes a dead letter for good, for a reason; what queues behind it goes on."""

    reason: Reason


DECISIONS: tuple[type[Decision], ...] = (RetryLetter, EditLetter, DropLetter)


class StillTried(Refusal):
    rule = "letter-not-dead"
    vi = "Thông điệp {id} không phải thư chết: hệ thống còn tự thử lại."
    en = "The message {id} is no dead letter: it is still being tried."


class AlreadyDecided(Refusal):
    rule = "letter-decided"
    vi = "Thư {id} không còn: {actor} đã quyết định ({what}) lúc {at}, lý do: {reason}."
    en = "The letter {id} is gone: {actor} decided ({what}) at {at}, for the reason: {reason}."


class NotReadable(Refusal):
    rule = "letter-unreadable"
    vi = "Thư {id} không đọc được nên không thử lại được: hãy sửa (edit) hoặc bỏ (drop)."
    en = "The letter {id} cannot be read, so it cannot be retried: edit it, or drop it."


class NotHeard(Refusal):
    rule = "letter-not-heard"
    vi = "{house} không dùng thông điệp loại {type}; chỉ có thể bỏ (drop)."
    en = "{house} has no use for messages of the type {type}; it can only be dropped."


class EditLacks(Refusal):
    rule = "letter-edit-lacks"
    vi = "Cần đúng một trong hai: data, hoặc envelope cho thư không đọc được."
    en = "Exactly one is needed: data, or envelope for a letter that is unreadable."


class NoEnvelope(Refusal):
    rule = "letter-no-envelope"
    vi = "Phong bì không dùng được: {why}."
    en = "The envelope is of no use: {why}."


class IdHeld(Refusal):
    rule = "letter-id-held"
    vi = "Thông điệp {id} đang được giữ; hãy quyết định về nó trước."
    en = "The message {id} is held already; decide about that one first."
