"""Who is calling and what they may do. Knows no web framework and no store: it is given what it needs of them."""

from app.access.actions import NEEDS, Action
from app.access.api_keys import StoredKey, make_key, parse_key, rotate, verify
from app.access.caller import CLINIC_ID, COMMAND_LINE, Caller, CallerKind, is_clinic_id, operator
from app.access.gatekeeper import Gatekeeper
from app.access.issuer import Issuer
from app.access.page import CALLS, OPEN, write_page
from app.access.scopes import Scope, parse_scopes
from app.access.tokens import TokenVerifier

__all__ = [
    "CALLS",
    "CLINIC_ID",
    "COMMAND_LINE",
    "NEEDS",
    "OPEN",
    "Action",
    "Caller",
    "CallerKind",
    "Gatekeeper",
    "Issuer",
    "Scope",
    "StoredKey",
    "TokenVerifier",
    "is_clinic_id",
    "make_key",
    "operator",
    "parse_key",
    "parse_scopes",
    "rotate",
    "verify",
    "write_page",
]
