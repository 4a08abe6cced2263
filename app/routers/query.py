"""Query parameters, as strict as bodies: a misspelt filter must not list everything."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel
from starlette.requests import Request

from app.errors import Fault, InvalidInput
from app.services.faults import pointer_to
from app.services.input import validate

_Model = TypeVar("_Model", bound=BaseModel)


def read_query(request: Request, model: type[_Model]) -> _Model:
    """The query as a `model`, which forbids unknown keys.

    Raises:
        InvalidInput: one Fault for each parameter that is unknown, given twice or not allowed; `/query/limit`.
    """
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    faults = [Fault(f"/query{pointer_to([name])}", "given more than once", "each parameter once") for name in twice]
    try:
        query = validate(model, dict(pairs))
    except InvalidInput as refused:
        faults += [Fault(f"/query{fault.pointer}", fault.problem, fault.allowed) for fault in refused.faults]
    if faults:
        raise InvalidInput(faults)
    return query


def query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """The parameters of `model` for the OpenAPI document."""
    schema = model.model_json_schema()
    parameters = []
    for name, field in schema["properties"].items():
        described: dict[str, Any] = {"name": name, "in": "query", "required": name in schema.get("required", ())}
        if "description" in field:
            described["description"] = field.pop("description")
        field.pop("title", None)
        parameters.append({**described, "schema": field})
    return parameters
