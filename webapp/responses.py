"""Page or fragment, and where to go after a write."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from webapp import clock, spreadsheets
from webapp.vocabulary import FileKind

A_MINUTE, TEN_MINUTES = 60, 600


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def fills(root: str) -> bool:
    """Whether htmx asks for this part of a page alone."""
    return is_htmx() and request.headers.get("HX-Target") == root


def respond(page: str, fragment: str | None = None, status: int = 200, **context):
    """The page for a browser; for htmx the fragment if that is what it will replace, else the page's <main>.

    A fragment's file name is its root element's id: `leads/_lead_list.html` fills `#lead-list`.
    """
    if fragment and fills(wanted := fragment.rpartition("/_")[2].removesuffix(".html").replace("_", "-")):
        response = _answer(render_template(fragment, **context), status)
        response.headers["HX-Retarget"] = f"#{wanted}"
        return response
    response = _answer(render_template(page, **context), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML show:window:top"
    return response


def go_to(
    endpoint: str,
    message: str | None = None,
    *,
    deed: int | None = None,
    undo: str | None = None,
    handover: UUID | None = None,
    **values,
):
    """303 to the page that shows what was done; `message` is said there in a toast.

    With the number of a `deed` on a lead it has an Undo, for a minute on that lead's pages, reloaded ones too; where
    more was done than that undoes, `undo` says what. A hand-over of a lead has one for ten minutes.
    """
    if message:
        flash(message)
    if message and (deed or handover):
        session["deed"] = {
            "number": deed,
            "handover_id": handover and str(handover),
            "lead_id": str(values["lead_id"]),
            "said": str(message),
            "undo": undo and str(undo),
            "until": clock.now().timestamp() + (TEN_MINUTES if handover else A_MINUTE),
        }
    return redirect(url_for(endpoint, **values), 303)


def go_back(endpoint: str, message: str, **values):
    """Like `go_to`, but to the page of ours that the form names in its `next`, if it names one."""
    response = go_to(endpoint, message, **values)
    asked = only_here(request.form.get("next"))
    if asked and _is_page(asked.partition("?")[0].removeprefix("/")):
        response.location = asked
    return response


def toasts() -> list[tuple[str, dict | None]]:
    """What has just been done, in words, each with the deed that can be undone, if there is one."""
    said: dict[str, dict | None] = {str(text): None for text in get_flashed_messages()}
    deed = session.get("deed")
    if deed and clock.now().timestamp() < deed["until"]:
        on_its_lead = str((request.view_args or {}).get("lead_id")) == deed["lead_id"]
        if on_its_lead or deed["said"] in said:
            said[deed["said"]] = deed
    return list(said.items())


def forget_deed() -> None:
    """It is undone: nothing offers to undo it again."""
    session.pop("deed", None)


def way_back() -> str | None:
    """Where somebody who must sign in goes on: the page asked for, or the page that holds the form they sent."""
    return only_here(request.full_path) if request.method == "GET" else page_before()


def page_before() -> str | None:
    """The page of ours that somebody was on when they asked for this."""
    address = (request.headers.get("HX-Current-URL") or request.referrer or "").partition("://")[2]
    host, _slash, path = address.partition("#")[0].partition("/")
    return only_here(f"/{path}") if host == request.host and _is_page(path.partition("?")[0]) else None


def asked_of(endpoint: str, target: str | None) -> MultiDict | None:
    """What this page of ours was asked with, where `target` is an address of it; None where it is anything else."""
    path, _mark, query = (only_here(target) or "").partition("?")
    return MultiDict(parse_qsl(query)) if path == url_for(endpoint) else None


def send(pieces: Iterator[bytes], kind: FileKind, name: str, made_at: datetime) -> Response:
    """A file as it is made, called after what it holds and its Dubai day; nobody on the way keeps it."""
    response = Response(stream_with_context(pieces), mimetype=spreadsheets.MIMETYPES[kind])
    name = f"{name}-{made_at.astimezone(clock.DUBAI):%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def only_here(target: str | None) -> str | None:
    """`target` if it is a path of ours, else None: redirects never leave the site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target.removesuffix("?")


def _is_page(path: str) -> bool:
    addresses = current_app.create_url_adapter(request)
    try:
        return addresses is not None and bool(addresses.match(f"/{path}", "GET"))
    except HTTPException:
        return False


def _answer(body: str, status: int):
    response = make_response(body, status)
    if request.method == "POST":
        # A refused form stays on the page it was on; its own address cannot be opened.
        response.headers["HX-Push-Url"] = "false"
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Cache-Control"] = "no-store"
    return response


def base_url() -> str:
    """Where the office is reached from outside: as it is set, and while nothing is, where this request was sent."""
    return current_app.config["BASE_URL"] or request.host_url.rstrip("/")
