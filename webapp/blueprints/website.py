"""The form for visitors of the company's pages: theirs or our own page sends it, and nobody is signed in."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import get_locale

from webapp.forms.website import WebsiteForm
from webapp.responses import respond
from webapp.services import office, sites, website
from webapp.services.website import Sent

bp = Blueprint("website", __name__)

MOST = 30_000


@bp.get("/forms/<key>")
def show(key):
    return shown(key, WebsiteForm(formdata=None))


@bp.post("/forms/<key>")
def send(key):
    request.max_content_length = MOST
    form = WebsiteForm()
    if not form.validate_on_submit():
        return shown(key, form, form.status_code)
    sent = Sent(
        name=form.name.data,
        phone=form.phone.data,
        email=form.email.data or "",
        message=form.message.data,
        listing_reference=form.listing_reference.data,
        utm_source=form.utm_source.data,
        wording=form.agreed_to,
    )
    site = website.send(
        key, sent, address=request.remote_addr or "", is_trapped=form.is_trapped, is_hasty=form.is_hasty
    )
    if form.return_to.data in site.return_to:  # word for word one of the admin's own
        return redirect(form.return_to.data, 303)
    return redirect(url_for("website.thank", language=str(get_locale())), 303)


@bp.get("/thanks")
def thank():
    return respond("website/thanks.html", company=office.settings().name)


def shown(key, form, status=200):
    return respond(
        "website/show.html",
        status=status,
        site=sites.of(key),
        company=office.settings().name,
        form=form,
        opening=form.opening(),
        return_to=form.return_to.data or "",
    )
