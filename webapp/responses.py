"""Page or fragment, and where to go after a write."""

from urllib.parse import urlsplit

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def filled() -> str | None:
    """The id of the element that htmx will fill with the answer; None for a browser."""
    return request.headers.get("HX-Target") if is_htmx() else None


def respond(page: str, fragment: str | None = None, status: int = 200, **context):
    """The page for a browser; for htmx the fragment if that is what it will replace, else the page's <main>.

    A fragment's file name is its root element's id: `leads/_lead_list.html` fills `#lead-list`.
    """
    wanted = filled()
    if fragment and wanted == fragment.rpartition("/_")[2].removesuffix(".html").replace("_", "-"):
        response = _answer(render_template(fragment, **context), status)
        response.headers["HX-Retarget"] = f"#{wanted}"
        return response
    response = _answer(render_template(page, **context), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML show:window:top"
    return response


def go_to(endpoint: str, message: str | None = None, **values):
    """303 to the page that shows what was done; `message` is said there in a toast."""
    if message:
        flash(message)
    return redirect(url_for(endpoint, **values), 303)


def way_back() -> str | None:
    """Where somebody who must sign in goes on: the page asked for, or the page that holds the form they sent."""
    if request.method == "GET":
        return only_here(request.full_path)
    address = (request.headers.get("HX-Current-URL") or request.referrer or "").partition("://")[2]
    host, _slash, path = address.partition("#")[0].partition("/")
    return only_here(f"/{path}") if host == request.host and _is_page(path.partition("?")[0]) else None


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
