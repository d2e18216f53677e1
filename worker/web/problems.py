"""Refusals as RFC 9457 problem documents; nothing that a client sends ends as a bare error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from config.errors import ConfigurationError
from dispatch.problems import Problem
from tracking.deadlines.rules import RuleNotInForceError
from worker.web.pages.rendering import is_page, problem_page

log = structlog.get_logger()

_HINTS = {
    "timezone_aware": "Write times with their zone, like 2026-03-02T08:15:00+07:00.",
    "missing": "Add the field.",
    "extra_forbidden": "Remove the field or correct its name; /docs lists those there are.",
    "json_invalid": "Send well-formed JSON.",
    "model_attributes_type": "Send one JSON object, with Content-Type: application/json.",
}


def install(app: FastAPI) -> None:
    """Answer every kind of failure with a problem document."""
    app.exception_handler(Problem)(_on_problem)
    app.exception_handler(RequestValidationError)(_on_validation)
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(ConfigurationError)(_on_configuration)
    app.exception_handler(RuleNotInForceError)(_on_no_rule)
    app.exception_handler(IntegrityError)(_on_race)
    app.exception_handler(DataError)(_on_unkept)
    app.exception_handler(Exception)(_on_bug)


def answer(problem: Problem) -> JSONResponse:
    """Return the response for a problem, as a program reads it."""
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "60"}}.get(problem.status)
    if problem.kind == "configuration":
        headers = None  # waiting does not mend it
    return JSONResponse(
        problem.document(), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


def path_of(request: Request) -> str:
    """Return the path of the route that was called, without what was in its place: that may be a secret or a name."""
    route = request.scope.get("route")
    return getattr(route, "path_format", "(a path that is none of ours)")


def too_large(limit: int) -> Problem:
    """The request's body is larger than we take."""
    return Problem(
        "too-large",
        "The request is too large",
        f"The body is larger than {limit} bytes.",
        "Send papers as a list of names and counts, and at most 500 lines in one record.",
        next_step_vi="Chỉ gửi danh mục giấy tờ, không gửi kèm tệp; chia nhỏ nếu quá nhiều dòng.",
        status=413,
    )


def file_too_large(limit: int) -> Problem:
    """The file that came is larger than we keep."""
    largest = limit // 1_000_000
    return Problem(
        "too-large",
        "The file is too large",
        f"It is larger than {limit} bytes; nothing of it was kept.",
        f"Take the photo anew in a smaller size, or scan the document in grey: at most {largest} MB.",
        next_step_vi=f"Tệp quá lớn, chưa được lưu. Chụp lại ảnh cỡ nhỏ hơn hoặc quét tài liệu ở chế độ xám: "
        f"tối đa {largest} MB.",
        status=413,
    )


def too_slow(seconds: float) -> Problem:
    """The request's body did not come in time."""
    return Problem(
        "too-slow",
        "The request took too long to come",
        f"The body was not complete within {seconds:g} seconds.",
        "Send it again over a better line; nothing of it was kept.",
        next_step_vi="Gửi lại yêu cầu khi đường truyền ổn định.",
        status=408,
    )


def too_many_refused(seconds: int) -> Problem:
    """Too much of what this sender sends has no proof."""
    return Problem(
        "too-many-refused",
        "Too many deliveries without proof",
        "Deliveries from this address were refused again and again; this one was, too.",
        f"Correct the secret, the signature or the address; try again after {seconds} seconds.",
        next_step_vi=f"Kiểm tra lại khoá bí mật, chữ ký hoặc địa chỉ nhận tin; thử lại sau {seconds} giây.",
        status=429,
    )


def not_a_name() -> Problem:
    """A part of a webhook's address cannot be the name of anybody."""
    return Problem(
        "invalid-request",
        "The request does not fit",
        "The address names an operator or an account as none can be called.",
        "Register the address /webhooks/<operator>/<account> with the names of `postal carriers`.",
        next_step_vi="Đăng ký đúng địa chỉ nhận tin theo tên đơn vị và tài khoản đã cấu hình.",
        status=422,
    )


def said(request: Request, problem: Problem) -> Response:
    """Return the answer to whoever called, on one of the pages as a page; where waiting mends it, it says how long."""
    response = problem_page(request, problem) if is_page(request) else answer(problem)
    if seconds := problem.extra.get("retry_after"):
        response.headers["Retry-After"] = str(seconds)
    return response


def _on_problem(request: Request, error: Problem) -> Response:
    return said(request, error)


def _on_validation(request: Request, error: RequestValidationError) -> Response:
    errors = error.errors()
    malformed = any(e["type"] == "json_invalid" for e in errors)
    fields = [{"field": _field(e["loc"]), "problem": e["msg"], "hint": _HINTS.get(e["type"], "")} for e in errors]
    return said(
        request,
        Problem(
            "malformed-json" if malformed else "invalid-request",
            "The body is not JSON" if malformed else "The request does not fit",
            "; ".join(f"{f['field']}: {f['problem']}" for f in fields[:10]),
            "Correct what is named and send it again.",
            next_step_vi="Sửa các trường được nêu rồi gửi lại.",
            next_step_api=next((f["hint"] for f in fields if f["hint"]), ""),
            status=400 if malformed else 422,
            errors=fields,
        ),
    )


def _field(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "(body)"


def _on_http(request: Request, error: HTTPException) -> Response:
    unreadable = error.status_code == 400  # nested too deeply, not UTF-8, a number of thousands of digits
    if error.status_code == 404 and is_page(request):
        return said(request, _no_such_page())
    response = said(
        request,
        Problem(
            "malformed-json" if unreadable else "http",
            "The body cannot be read" if unreadable else str(error.detail),
            f"{request.method} {path_of(request)}",
            "Go back to the page before and begin again from there; nothing was changed.",
            next_step_vi="Quay lại trang trước rồi làm lại từ đó; chưa có thay đổi nào được ghi.",
            next_step_api="Send well-formed JSON in UTF-8."
            if unreadable
            else "Look at /docs for the paths and methods there are.",
            status=error.status_code,
        ),
    )
    response.headers.update(error.headers or {})  # a refused method comes with those allowed
    return response


def _no_such_page() -> Problem:
    return Problem(
        "no-such-page",
        "There is no such page",
        "The address leads nowhere; it may have been cut off or mistyped.",
        "Compare the address, or begin again from the first page.",
        next_step_vi="Không có trang này. Xin kiểm tra lại địa chỉ, hoặc bắt đầu lại từ trang đầu.",
        status=404,
    )


def _on_configuration(request: Request, error: ConfigurationError) -> Response:
    return said(
        request,
        Problem(
            "configuration",
            "The configuration does not allow this",
            str(error),
            "Tell operations; nothing was changed.",
            next_step_vi="Báo bộ phận vận hành; chưa có thay đổi nào được ghi.",
            status=503,
        ),
    )


def _on_no_rule(request: Request, error: RuleNotInForceError) -> Response:
    """Something is dated to a day on which no rule that we know was in force."""
    return said(
        request,
        Problem(
            "no-rule-then",
            "No rule is known for that day",
            str(error),
            "Check the date; if it is right, ask operations to add the rule that was in force then.",
            next_step_vi="Kiểm tra ngày tháng; nếu đúng, đề nghị bổ sung quy định có hiệu lực khi đó.",
        ),
    )


def _on_race(request: Request, error: IntegrityError) -> Response:
    """Two requests wrote the same thing at one moment: the database let one of them through."""
    log.warning("request_raced", method=request.method, path=path_of(request), reason=type(error.orig).__name__)
    return said(
        request,
        Problem(
            "concurrent",
            "Another request was quicker",
            "The same thing was being written by another request; nothing of this one was kept.",
            "Send it again: it will find what the other one wrote.",
            next_step_vi="Gửi lại yêu cầu.",
            status=409,
        ),
    )


def _on_unkept(request: Request, error: DataError) -> Response:
    """The database takes a value neither for keeping nor for looking it up; no form should have let it through."""
    log.warning("request_not_kept", method=request.method, path=path_of(request), reason=type(error.orig).__name__)
    return said(
        request,
        Problem(
            "invalid-request",
            "The request does not fit",
            "Something in it is too long, or holds characters that cannot be kept; nothing of it was kept.",
            "Type it again instead of pasting it, and shorter.",
            next_step_vi="Gõ lại nội dung thay vì dán, và viết ngắn hơn. Chưa có thay đổi nào được lưu.",
            status=422,
        ),
    )


def _on_bug(request: Request, error: Exception) -> Response:
    return said(request, _broken(request.method, path_of(request), error))


def internal_error(method: str, path: str, error: Exception) -> JSONResponse:
    """Return the answer to a program whose request ended in a bug, and log it; ``path`` holds no secret."""
    return answer(_broken(method, path, error))


def _broken(method: str, path: str, error: Exception) -> Problem:
    log.error("request_failed", method=method, path=path, exc_info=error)
    return Problem(
        "internal",
        "Something broke here",
        "The request was not carried out; nothing of it was kept.",
        "Try it again; if it fails again, tell operations the time and which page it was.",
        next_step_api="Send it again under the same key; if it fails again, tell operations the time and the path.",
        next_step_vi="Gửi lại yêu cầu; nếu vẫn lỗi, báo bộ phận vận hành thời điểm và đường dẫn.",
        status=500,
    )
