"""A person's data: all that is held of somebody in one file, and all of it erased, but for what the law wants."""

from webapp.services.privacy.erase import erase
from webapp.services.privacy.held import Held, export, held
from webapp.services.privacy.retention import anonymise_old, forget

__all__ = ["Held", "anonymise_old", "erase", "export", "forget", "held"]
