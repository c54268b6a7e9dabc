"""Lists of leads as files: sent at once, or made by the worker and fetched."""

from webapp.services.exports.make import file, make_waiting
from webapp.services.exports.rows import rows
from webapp.services.exports.take import (
    AT_ONCE,
    put_audit_on_record,
    put_calls_on_record,
    put_report_on_record,
    take,
)

__all__ = [
    "AT_ONCE",
    "file",
    "make_waiting",
    "put_audit_on_record",
    "put_calls_on_record",
    "put_report_on_record",
    "rows",
    "take",
]
