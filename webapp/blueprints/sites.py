"""The forms of the company's pages: made, shown as HTML to put on a page, revoked."""

from flask import Blueprint, g, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.forms.sites import SiteForm
from webapp.forms.users import EmptyForm
from webapp.forms.website import WebsiteForm
from webapp.responses import base_url, go_to, respond
from webapp.services import sites
from webapp.vocabulary import ConsentWording, Interface

bp = Blueprint("sites", __name__, url_prefix="/sites")


@bp.get("")
def index():
    return listed(SiteForm(formdata=None))


@bp.post("")
def add():
    form = SiteForm()
    if form.validate_on_submit():
        with form.refusals():
            site = sites.add(form.name.data, by=g.actor, return_to=form.return_to.data)
            return go_to("sites.index", _("The form of %(name)s is ready: put it on the page.", name=site.name))
    return listed(form, form.status_code)


@bp.post("/<uuid:site_id>/revocation")
def revoke(site_id):
    EmptyForm().demand()
    site = sites.revoke(site_id, by=g.actor)
    return go_to("sites.index", _("The form of %(name)s is taken no more.", name=site.name))


def listed(form, status=200):
    every = sites.everyone()
    return respond(
        "sites/index.html",
        status=status,
        sites=every,
        snippets={site.site_id: snippets(site) for site in every if not site.revoked_at},
        form=form,
        base=base_url(),
        empty_form=EmptyForm(formdata=None),
    )


def snippets(site) -> dict[Interface, str]:
    """The HTML of a site's form in each language, for the admin to copy."""
    found = {}
    for language in Interface:
        with force_locale(language):
            found[language] = render_template(
                "sites/snippet.html",
                site=site,
                base=base_url(),
                form=WebsiteForm(formdata=None),
                wording=ConsentWording.current(),
                spoken=language,
            ).strip()
    return found
