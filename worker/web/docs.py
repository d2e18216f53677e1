"""The interface's documentation at ``/docs``: drawn from the OpenAPI document by our own page."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, select_autoescape

router = APIRouter(include_in_schema=False)

_pages = Environment(
    loader=PackageLoader("worker.web", "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> str:
    """Every path with its parameters, body and answers; the machine's form is at ``/openapi.json``."""
    document: dict[str, Any] = request.app.openapi()
    schemas = document.get("components", {}).get("schemas", {})
    return _pages.get_template("docs.html").render(
        info=document["info"], operations=list(_operations(document)), schemas=schemas, type_of=type_of
    )


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": path,
            "text": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "body": _schema_of(operation.get("requestBody", {})),
            "answers": {code: _schema_of(answer) for code, answer in operation["responses"].items() if code != "422"},
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def _schema_of(carrier: dict[str, Any]) -> dict[str, Any] | None:
    content = carrier.get("content", {}).get("application/json", {})
    schema: dict[str, Any] | None = content.get("schema")
    return schema


def type_of(schema: dict[str, Any] | None) -> str:
    """Return a schema in a few words: ``OrderForm``, ``list of PaperForm``, ``string or null``."""
    if not schema:
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items')) or 'anything'}"
    kind = str(schema.get("type", "anything"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind
