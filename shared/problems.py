"""Errors as people and programs read them: RFC 9457 problem+json with field, rule and article, in both languages."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from shared.auth.permissions import Forbidden
from shared.auth.tokens import BadToken
from shared.eventstore.appender import NO_ANSWER
from shared.logs import log
from shared.values import Refusal

STATUS = {
    "not-found": 404,
    "view-behind": 412,
    "changed-meanwhile": 409,
    "position-malformed": 422,
    "idempotency-key-reused": 422,
}
REFUSED = 409  # a rule of the programme said no to a well-formed request

VALIDATION_VI = {
    "missing": "Thiếu trường này.",
    "extra_forbidden": "Trường này không có trong biểu mẫu.",
    "string_type": "Phải là chuỗi ký tự.",
    "string_too_short": "Chuỗi quá ngắn.",
    "string_too_long": "Chuỗi quá dài.",
    "string_pattern_mismatch": "Không đúng dạng quy định.",
    "uuid_parsing": "Không phải mã UUID hợp lệ.",
    "uuid_type": "Không phải mã UUID hợp lệ.",
    "date_from_datetime_parsing": "Không phải ngày hợp lệ (YYYY-MM-DD).",
    "date_parsing": "Không phải ngày hợp lệ (YYYY-MM-DD).",
    "date_type": "Không phải ngày hợp lệ (YYYY-MM-DD).",
    "instant_parsing": "Không phải thời điểm hợp lệ có múi giờ, ví dụ 2026-11-27T05:38:00Z.",
    "int_parsing": "Phải là số nguyên.",
    "int_type": "Phải là số nguyên.",
    "bool_parsing": "Phải là đúng hoặc sai.",
    "bool_type": "Phải là đúng hoặc sai.",
    "greater_than": "Giá trị quá nhỏ.",
    "greater_than_equal": "Giá trị quá nhỏ.",
    "less_than": "Giá trị quá lớn.",
    "less_than_equal": "Giá trị quá lớn.",
    "enum": "Giá trị không nằm trong danh mục.",
    "literal_error": "Giá trị không nằm trong danh mục.",
    "too_short": "Danh sách thiếu phần tử.",
    "too_long": "Danh sách quá nhiều phần tử.",
    "list_type": "Phải là danh sách.",
    "dict_type": "Phải là đối tượng JSON.",
    "model_type": "Phải là đối tượng JSON.",
    "model_attributes_type": "Phải là đối tượng JSON.",
    "json_invalid": "Không phải JSON hợp lệ.",
    "nul_in_text": "Chuỗi không được chứa ký tự U+0000.",
}
TITLES = {
    400: ("Yêu cầu không hợp lệ", "Bad request"),
    401: ("Chưa xác thực", "Not authenticated"),
    403: ("Không có quyền", "Not allowed"),
    404: ("Không tìm thấy", "Not found"),
    405: ("Phương thức không được hỗ trợ", "Method not allowed"),
    409: ("Không được chấp nhận theo quy định", "Refused by a rule"),
    412: ("Dữ liệu chưa cập nhật kịp", "View behind"),
    413: ("Nội dung quá lớn", "Content too large"),
    422: ("Dữ liệu không hợp lệ", "Invalid input"),
    500: ("Lỗi hệ thống", "Internal error"),
    503: ("Tạm thời không phục vụ được", "Temporarily unavailable"),
}
DETAILS = {  # of what the web framework refuses by itself
    404: ("Không có gì ở địa chỉ này; xin xem lại địa chỉ.", "There is nothing at this address; please check it."),
    405: ("Địa chỉ này không nhận phương thức đó.", "This address does not take that method."),
}


def problem(
    status: int, rule: str, vi: str, en: str, *, article: str | None = None, errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:  # fmt: skip
    """The answer of every error; `rule` is a stable code, `article` the article of the decision behind it."""
    title_vi, title_en = TITLES.get(status, ("Lỗi", "Error"))
    body: dict[str, Any] = {
        "type": f"urn:ocop:problem:{rule}", "title": f"{title_vi} / {title_en}", "status": status,
        "detail": f"{vi} / {en}", "rule": rule, "article": article, "errors": errors or [],
    }  # fmt: skip
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def one_error(field: str | None, rule: str, vi: str, en: str) -> dict[str, str]:
    return {"field": field or "", "rule": rule, "message_vi": vi, "message_en": en}


def refused(refusal: Refusal) -> JSONResponse:
    vi, en = refusal.message_vi, refusal.message_en
    status = STATUS.get(refusal.rule, 422 if refusal.field else REFUSED)
    error = one_error(refusal.field, refusal.rule, vi, en)
    return problem(status, refusal.rule, vi, en, article=refusal.article, errors=[error])


def invalid(found: list[Any]) -> JSONResponse:
    """From pydantic's errors: one entry a field, the field as a path such as `ballots[0].3.1`."""
    errors = [
        one_error(
            path_of(e["loc"]),
            e["type"].replace("_", "-"),
            VALIDATION_VI.get(e["type"], "Giá trị không hợp lệ."),
            e["msg"],
        )
        for e in found
    ]
    return problem(422, "invalid-input", "Dữ liệu gửi lên chưa đúng.", "The input is not as required.", errors=errors)


def path_of(location: tuple[int | str, ...]) -> str:
    parts = list(location[1:] if location and location[0] in {"body", "query", "path", "header"} else location)
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def nul_in(where: str) -> JSONResponse:
    """A text that PostgreSQL cannot take; `where` names the field."""
    return invalid([{"loc": (where,), "type": "nul_in_text", "msg": "Text may not hold U+0000"}])


async def on_refusal(_: Request, refusal: Refusal) -> JSONResponse:
    return refused(refusal)


async def on_invalid(_: Request, error: RequestValidationError | ValidationError) -> JSONResponse:
    return invalid(list(error.errors()))


async def on_forbidden(_: Request, __: Forbidden) -> JSONResponse:
    vi, en = "Vai trò này không được làm việc này ở nơi này.", "This role may not do this in this place."
    return problem(403, "forbidden", vi, en, errors=[one_error("Authorization", "forbidden", vi, en)])


async def on_bad_token(_: Request, __: BadToken) -> JSONResponse:
    vi, en = "Cần mã truy cập hợp lệ.", "A valid bearer token is needed."
    return problem(401, "unauthenticated", vi, en, headers={"WWW-Authenticate": "Bearer"})


async def on_no_answer(_: Request, error: Exception) -> JSONResponse:
    log.warning("store-unavailable", error=error)
    vi = "Cơ sở dữ liệu tạm thời không trả lời; xin gửi lại với cùng Idempotency-Key."
    en = "The database does not answer for now; please send again with the same Idempotency-Key."
    return problem(503, "store-unavailable", vi, en, headers={"Retry-After": "1"})


async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
    vi, en = DETAILS.get(error.status_code) or TITLES.get(error.status_code, ("Lỗi", "Error"))
    return problem(error.status_code, f"http-{error.status_code}", vi, en, headers=dict(error.headers or {}))


async def on_failure(request: Request, _: Exception) -> JSONResponse:
    route = getattr(request.scope.get("route"), "path", None)  # the address itself may hold anything
    log.exception("request-failed", method=request.method, route=route)
    vi, en = "Hệ thống gặp lỗi; dữ liệu không bị thay đổi dở dang.", "Something failed; nothing is half-written."
    return problem(500, "internal-error", vi, en)


HANDLERS: dict[type[Exception], Any] = {
    Refusal: on_refusal,
    RequestValidationError: on_invalid,
    ValidationError: on_invalid,
    Forbidden: on_forbidden,
    BadToken: on_bad_token,
    **dict.fromkeys(NO_ANSWER, on_no_answer),
    HTTPException: on_http_error,
    Exception: on_failure,
}


def install(app: FastAPI) -> None:
    """Makes every error of an app a problem; the process never dies of one."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
