"""What refusals look like (R13): a sentence for people, and the field it is about."""


class Refused(Exception):
    """A rule said no. `code` is the stable name, `status` the HTTP answer, `field` where a form shows it."""

    status = 400

    def __init__(self, message, *, code: str, field: str | None = None, **facts):
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.facts = facts


class Invalid(Refused):
    """What was typed cannot be right: 422."""

    status = 422

    def __init__(self, message, *, field: str | None = None, code: str = "invalid_lead_data", **facts):
        super().__init__(message, code=code, field=field, **facts)


class Conflict(Refused):
    """Somebody or something is in the way: 409."""

    status = 409


class Moved(Conflict):
    """It is elsewhere now, at a lead or an enquiry: whoever looks goes there (302), whoever writes is told: 409."""

    def __init__(self, message, *, lead_id=None, enquiry_id=None, code: str = "stale", **facts):
        super().__init__(message, code=code, **facts)
        self.lead_id = lead_id
        self.enquiry_id = enquiry_id


class Unsigned(Refused):
    """A machine that does not prove who it is: 401."""

    status = 401

    def __init__(self, message, *, code: str = "unsigned", **facts):
        super().__init__(message, code=code, **facts)


class Forbidden(Refused):
    """Not allowed for this role: 403."""

    status = 403

    def __init__(self, message, *, code: str = "forbidden", **facts):
        super().__init__(message, code=code, **facts)


class Missing(Refused):
    """Not there, or not yours: 404, in the same words."""

    status = 404

    def __init__(self, message="", *, code: str = "not_found", **facts):
        super().__init__(message, code=code, **facts)


class Unavailable(Refused):
    """Not now, and trying again makes sense: 503 with Retry-After (seconds)."""

    status = 503
    RETRY_AFTER = 5

    def __init__(self, message, *, code: str = "unavailable", retry_after: int = RETRY_AFTER, **facts):
        super().__init__(message, code=code, **facts)
        self.retry_after = retry_after


class TooMany(Refused):
    """Too many tries: 429 with Retry-After (seconds)."""

    status = 429

    def __init__(self, message, *, retry_after: int, **facts):
        super().__init__(message, code="too_many_tries", **facts)
        self.retry_after = retry_after
