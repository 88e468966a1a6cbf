"""The published interface of a service, derived from its routes and schemas."""

from typing import TYPE_CHECKING, Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

from chassis import schema

if TYPE_CHECKING:
    from chassis.service import Service

_REFUSALS = {
    "400": "Malformed",
    "401": "Sign in first",
    "403": "Not allowed",
    "404": "Not found, or not visible",
    "409": "Conflict",
    "412": "Changed by somebody else; `current` shows the record",
    "413": "Too large",
    "415": "The body is not JSON",
    "422": "Invalid input",
    "428": "If-Match is missing",
    "503": "Try again",
}


class _Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its own error handlers and without its served documents."""

    def _register_error_handlers(self) -> None:
        """Problems are ours: flask-smorest's handler drops Retry-After and Allow."""


def describe(app: Flask, service: "Service") -> dict[str, Any]:
    """Register the routes of `service` and return its OpenAPI 3.1 document."""
    app.config |= {
        "API_TITLE": f"Xiaoke {service.name}",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
    }
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    api = _Api(app, spec_kwargs={"marshmallow_plugin": plugin})
    plugin.converter.add_attribute_function(_closed_text)  # type: ignore[union-attr]
    for blueprint in service.routes:
        api.register_blueprint(blueprint)
    document: dict[str, Any] = api.spec.to_dict()
    document["components"].setdefault("schemas", {})["Problem"] = _problem_schema()
    document["components"]["securitySchemes"] = {
        "person": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    document["security"] = [{"person": []}]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Say of one operation which headers it reads and every refusal it can answer with."""
    unsafe = method in {"post", "patch", "delete"}
    parameters = operation.setdefault("parameters", [])
    possible = {"400", "503", *map(str, operation.pop("x-refuses", []))}
    if operation.get("security") != []:
        possible |= {"401", "403"}
    if "{" in path:
        possible.add("404")
    if parameters or "requestBody" in operation:
        possible.add("422")
    if unsafe:
        possible |= {"409", "412", "413", "415", "422"}
        parameters.append(_header("Idempotency-Key", {"type": "string", "maxLength": 128}))
    if unsafe and "{" in path:
        parameters.append(_header("If-Match", {"type": "string"}, required=method != "post"))
    if method in {"patch", "delete"}:
        possible.add("428")
    answers = operation["responses"]
    answers.pop("default", None)
    for status in sorted(possible):
        answers[status] = {
            "description": _REFUSALS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    operation["responses"] = dict(sorted(answers.items()))


def _header(name: str, shape: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": shape}


def _closed_text(_converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """What the marshmallow plugin does not know of our own fields."""
    if isinstance(field, schema.Money):
        return {"type": "string", "pattern": schema.Money._SHAPE.pattern}
    if isinstance(field, schema.Phone):
        return {"maxLength": 49}
    return {}


def _schema_name(found: Any) -> str:
    kind = found if isinstance(found, type) else type(found)
    # Query forms are written out parameter by parameter and need no name of their own.
    return "" if issubclass(kind, schema.Query) else kind.__name__


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    fault = dict.fromkeys(("field", "code", "message"), text)
    fields = dict.fromkeys(("type", "title", "code", "detail", "request_id"), text)
    return {
        "type": "object",
        "required": [*fields, "status", "errors"],
        "properties": {
            **fields,
            "status": {"type": "integer"},
            "errors": {
                "type": "array",
                "items": {"type": "object", "required": list(fault), "properties": fault},
            },
            "current": {"type": "object", "description": "With 412: the record as it is now."},
        },
    }
