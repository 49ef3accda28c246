"""Refusals and failures in the house's own voice: what happened, what to do next, and a reference."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from bureau.office import NotFound
from clients.scope import ScopeError
from config.database import OldBook

log = logging.getLogger("portal")


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    happened: str
    next_step: str


WORDS = {
    400: Words(
        "We could not read that request",
        "Something the page sent was incomplete or out of date, so nothing was changed.",
        "Go back, reload the page and try once more.",
    ),
    403: Words(
        "This is not yours to open",
        "You are signed in, but your role does not include this.",
        "If you need it for your work, ask whoever manages people in your organization.",
    ),
    404: Words(
        "There is nothing here",
        "The address is wrong, or what it led to is not within your reach.",
        "Check the reference you were given, or start again from the first page.",
    ),
    405: Words(
        "That cannot be done here",
        "The page was asked for something it does not do, so nothing was changed.",
        "Go back and use the buttons of the page.",
    ),
    413: Words(
        "That file is too large",
        "The upload was stopped before it was read, so nothing was changed.",
        "Split the file into smaller ones and send them one after the other.",
    ),
    429: Words(
        "Too many tries",
        "There were too many tries in a short time.",
        "Wait a few minutes, then try again.",
    ),
    500: Words(
        "Something broke on our side",
        "The error is ours, and has been written down. What you were doing was not saved.",
        "Try again in a moment. If it happens twice, send us the reference below.",
    ),
}
EXPIRED = Words(
    "This page had been open too long",
    "Its form belongs to an earlier sign-in, so nothing was changed.",
    "Reload the page and send it again.",
)

OLD_RUN = Words(
    "This run is of an earlier version",
    "Its book was kept by an older version of this software and cannot be shown any more.",
    "Run the scenario again; with the same seed it gives the same world.",
)


def handle_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()  # type: ignore[return-value]
    own = error.description if error.description != type(error).description else None
    return answer(status, happened=own if status in (400, 403, 413, 429) else None)


def handle_csrf(_error: CSRFError) -> Response:
    return answer(400, words=EXPIRED)


def handle_old_book(_error: OldBook) -> Response:
    return answer(409, words=OLD_RUN)


def handle_unreachable(error: Exception) -> Response:
    """An unknown reference and another client's one answer alike, to the letter."""
    reference = new_reference()
    if isinstance(error, ScopeError):
        log.warning("out of scope", extra={"reference": reference, "endpoint": request.endpoint}, exc_info=error)
    return answer(404, reference=reference)


def handle_failure(error: Exception) -> Response:
    reference = new_reference()
    # The endpoint, never the address: an address may name a person.
    log.error("request failed", extra={"reference": reference, "endpoint": request.endpoint}, exc_info=error)
    return answer(500, reference=reference)


def answer(status: int, *, words: Words | None = None, happened: str | None = None, reference: str = "") -> Response:
    """The error page; a piece of a page that asked by itself gets a notice instead.

    It asks nothing of the book: what failed may be the book, and what is refused should cost little.
    """
    g.is_error = True
    g.pop("frame", None)  # of the page that was not shown
    words = words or WORDS.get(status) or WORDS[400 if status < 500 else 500]
    asked_by_page = "HX-Request" in request.headers
    template = "_error_notice.html" if asked_by_page else "error.html"
    body = render_template(
        template,
        status=status,
        words=words,
        happened=happened or words.happened,
        reference=reference or new_reference(),
    )
    response = make_response(body, status)
    if asked_by_page:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#notices", "beforeend"
    return response


def new_reference() -> str:
    """Short enough to read out on the telephone."""
    text = secrets.token_hex(4).upper()
    return f"{text[:4]}-{text[4:]}"


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(CSRFError, handle_csrf)
    app.register_error_handler(OldBook, handle_old_book)
    app.register_error_handler(NotFound, handle_unreachable)
    app.register_error_handler(ScopeError, handle_unreachable)
    app.register_error_handler(Exception, handle_failure)
