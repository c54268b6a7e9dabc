"""What visitors of the company's pages send by our form: kept as it came, and taken up like any other delivery."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from webapp import clock
from webapp.database import rate_limits
from webapp.models import Site
from webapp.services import enquiries, sites
from webapp.services.access import SYSTEM
from webapp.transaction import release
from webapp.vocabulary import ConsentWording, Source, Why

LINK = re.compile(r"https?://|(?<!//)www\.|\[url", re.IGNORECASE)
MANY_LINKS = 2


@dataclass(frozen=True)
class Sent:
    """What somebody typed into the form, clean and not empty-handed."""

    name: str = ""
    phone: str = ""
    email: str = ""
    message: str = ""
    listing_reference: str = ""
    utm_source: str = ""
    wording: ConsentWording | None = None
    """What they agreed to, if they did."""


def send(key: str, sent: Sent, *, address: str, is_trapped: bool, is_hasty: bool) -> Site:
    """Keep what was sent by this form and make an enquiry of it; the form it came by.

    Sent twice on one day it is one. Who fills in what people do not see (`is_trapped`) has sent spam; what was sent
    in no time (`is_hasty`) or is full of links somebody looks at first. Nothing is thrown away.
    """
    site = sites.of(key)
    release()
    rate_limits.form(str(site.site_id), address)
    words = asdict(sent) | {"wording": None, "site": site.name}
    suspicion = Why.SPAM if is_trapped else Why.SUSPICIOUS if is_hasty or is_full_of_links(sent) else None
    at = clock.now().isoformat(timespec="seconds")
    of_today = json.dumps([str(site.site_id), words, suspicion, at[:10]], sort_keys=True)
    body = words | {
        "id": f"form-{hashlib.sha256(of_today.encode()).hexdigest()}",
        "consent": {"purpose": "contact", "wording_version": sent.wording, "at": at} if sent.wording else None,
        "suspicion": suspicion,
        "submitted_at": at,
    }
    raw = json.dumps(body, ensure_ascii=False).encode()
    if delivery_id := enquiries.keep(Source.WEBSITE, raw, by=SYSTEM):
        enquiries.take_or_leave(delivery_id)
    return site


def is_full_of_links(sent: Sent) -> bool:
    """Whether somebody wants us to visit pages rather than to be called."""
    return bool(LINK.search(sent.name)) or len(LINK.findall(sent.message)) >= MANY_LINKS
