"""The description of the API (OpenAPI 3.1), made of the same words and limits that the forms hold."""

from webapp.vocabulary import Language, PropertyType, Purpose, Source, SpokenLanguage

MOST_MONEY = 500_000_000


def _text(longest: int, **more) -> dict:
    return {"type": ["string", "null"], "maxLength": longest} | more


def _word(words) -> dict:
    return {"enum": [*(word.value for word in words), None]}


def _money(what: str) -> dict:
    return {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "maximum": MOST_MONEY,
        "multipleOf": 0.01,
        "description": f"{what}, AED",
    }


UUID_OR_NOTHING = {"type": ["string", "null"], "format": "uuid"}
LEAD_DATA = {
    "type": "object",
    "required": ["phone"],
    "properties": {
        "phone": {
            "type": "string",
            "minLength": 1,
            "maxLength": 60,
            "description": "Of a person, in any spelling; without a country code it is read as one of the UAE",
            "example": "+971501234567",
        },
        "first_name": _text(100),
        "last_name": _text(100),
        "email": _text(255, format="email"),
        "nationality": _text(50),
        "language_preference": _word(Language),
        "spoken_language": _word(SpokenLanguage),
        "purpose": _word(Purpose),
        "property_type": _word(PropertyType),
        "bedrooms": {"type": ["integer", "null"], "minimum": 0, "maximum": 20},
        "budget_min": _money("The lowest budget"),
        "budget_max": _money("The highest budget"),
        "preferred_areas": {
            "type": ["array", "null"],
            "maxItems": 20,
            "items": {"type": "string", "maxLength": 100},
            "description": "Names in English or Arabic, short ones too",
        },
        "message": _text(2000),
        "consent": {"type": ["boolean", "null"], "description": "Agrees to calls and messages about this search"},
    },
}
ENQUIRY = {
    "type": "object",
    "required": ["source_type", "lead_data"],
    "properties": {
        "source_type": {"enum": [source.value for source in Source]},
        "lead_data": LEAD_DATA,
        "source_details": {
            "type": ["object", "null"],
            "properties": {
                "campaign_id": _text(100),
                "utm_source": _text(100),
                "referrer_agent_id": UUID_OR_NOTHING,
                "property_id": UUID_OR_NOTHING,
            },
        },
    },
}
ID = {"type": "string", "format": "uuid"}
CAPTURED = {
    "type": "object",
    "required": ["success", "lead_id", "assigned_agent", "lead_score", "next_follow_up", "suggested_properties"],
    "properties": {
        "success": {"const": True},
        "lead_id": ID,
        "assigned_agent": {
            "type": ["object", "null"],
            "required": ["agent_id", "name", "phone"],
            "properties": {"agent_id": ID, "name": {"type": "string"}, "phone": {"type": "string"}},
            "description": "null where no agent has room: the managers give it to somebody",
        },
        "lead_score": {"type": "integer", "minimum": 0, "maximum": 100},
        "next_follow_up": {"type": ["string", "null"], "format": "date-time"},
        "suggested_properties": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "required": ["property_id", "reference", "title"],
                "properties": {
                    "property_id": ID,
                    "reference": {"type": ["string", "null"]},
                    "title": {"type": ["string", "null"]},
                },
            },
        },
    },
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "The stable name of what is wrong, such as duplicate_lead"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Sentences by the place of their field, such as lead_data.phone",
        },
        "lead_id": ID | {"description": "The lead that is here already (duplicate_lead)"},
    },
}


def _refused(what: str) -> dict:
    return {
        "description": what,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {
        "title": "Lead desk",
        "version": "1",
        "description": "Programs bring leads here: each is checked for duplicates, scored and given to an agent.",
    },
    "paths": {
        "/api/v1/leads/capture": {
            "post": {
                "operationId": "captureLead",
                "summary": "Capture a lead",
                "security": [{"key": []}],
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "description": "Sent again within 72 hours with the same body, the lead is captured once",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Enquiry"}}},
                },
                "responses": {
                    "201": {
                        "description": "Captured",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Captured"}}},
                    },
                    "400": _refused("The body is not JSON in UTF-8"),
                    "401": _refused("No valid API key"),
                    "409": _refused("The same phone from the same source within 24 hours: kept with the lead it names"),
                    "413": _refused("Too large"),
                    "415": _refused("Not application/json"),
                    "422": _refused("Fields that cannot be right, by their place"),
                    "429": _refused("Too many requests: Retry-After says how long to wait"),
                    "503": _refused("Not now: nothing was kept, and Retry-After says when to try again"),
                },
            }
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {"Enquiry": ENQUIRY, "Captured": CAPTURED, "Problem": PROBLEM},
    },
}
