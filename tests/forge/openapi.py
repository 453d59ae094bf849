"""GitHub's description of its API: what requests and answers have to look like, and what fills answers up."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

ARTEFACTS = Path(__file__).parents[2] / ".work" / "forge"
_ROOT = "urn:github"
_REF = "#/components/schemas/"
_LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "uniqueItems")
_KEPT = ("type", "enum", "items", "required", "format", "pattern", "additionalProperties", *_LIMITS)
_MANY = ("allOf", "anyOf", "oneOf")

Schema = Mapping[str, Any]
Key = tuple[str, str]
"""Method in capitals, and path with names in braces, as the description has them."""


def artefact(name: str) -> Path:
    """Return a file that the set-up of the tests has brought."""
    file = ARTEFACTS / name
    assert file.exists(), f"{file} is missing: `.ci/setup.sh tests` brings it"
    return file


class Contract:
    """The part of the description that the fake serves; validators are compiled when they are needed."""

    def __init__(self, cut: Mapping[str, Any]) -> None:
        self._operations = cut["operations"]
        self._webhooks = cut["webhooks"]
        self._schemas = cut["components"]["schemas"]
        self._registry = jsonschema_rs.Registry([(_ROOT, dict(cut))])
        self._validators: dict[str, Any] = {}

    def request_errors(self, key: Key, query: Mapping[str, str], body: Any) -> list[str]:
        """Say what of a request cannot be accepted."""
        name = " ".join(key)
        operation = self._operations[name]
        found = []
        for parameter, text in query.items():
            if schema := operation["query"].get(parameter):
                pointer = f"/operations/{_escaped(name)}/query/{_escaped(parameter)}"
                found += self._errors(pointer, _coerced(schema, text))
        if operation["body"] is not None and body is not None:
            found += self._errors(f"/operations/{_escaped(name)}/body", body)
        elif operation["needs_body"] and body is None:
            found.append("no body")
        return found

    def unknown(self, key: Key, query: Mapping[str, str], body: Any) -> list[str]:
        """Say what of a request means nothing, which GitHub passes over without a word."""
        operation = self._operations[" ".join(key)]
        found = [f"unknown parameter {name}" for name in query if name not in operation["query"]]
        if operation["body"] is None:
            return found + (["a body where none belongs"] if body not in (None, {}) else [])
        known = set(self._properties(operation["body"]))
        foreign = sorted(set(body) - known) if isinstance(body, dict) and known else []
        return found + [f"unknown field {name}" for name in foreign]

    def response_errors(self, key: Key, status: int, body: Any) -> list[str]:
        """Say what is wrong with an answer; a status that the description lacks is wrong."""
        responses = self._operations[" ".join(key)]["responses"]
        if str(status) not in responses:
            return [f"status {status} is not described"]
        if responses[str(status)] is None:
            return []
        return self._errors(f"/operations/{_escaped(' '.join(key))}/responses/{status}", body)

    def describes(self, key: Key, status: int) -> bool:
        """Say whether an operation is described to answer like this."""
        return str(status) in self._operations[" ".join(key)]["responses"]

    def payload_errors(self, webhook: str, payload: Any) -> list[str]:
        """Say what is wrong with the payload of a webhook, e.g. `issue-comment-created`."""
        return self._errors(f"/webhooks/{webhook}", payload)

    def answer(self, key: Key, status: int, value: Any) -> Any:
        """Fill an answer up with the smallest values of what is required and not given."""
        schema = self._operations[" ".join(key)]["responses"].get(str(status))
        return value if schema is None else self._filled(schema, value)

    def payload(self, webhook: str, value: Any) -> Any:
        """Fill the payload of a webhook up."""
        return self._filled(self._webhooks[webhook], value)

    def _errors(self, pointer: str, value: Any) -> list[str]:
        validator = self._validators.get(pointer)
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_ROOT}#{pointer}"}, registry=self._registry, validate_formats=True
            )
            self._validators[pointer] = validator
        return [_told(error) for error in validator.iter_errors(value)]

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _properties(self, schema: Schema) -> dict[str, Any]:
        schema = self._resolved(schema)
        found = dict(schema.get("properties", {}))
        for part in (part for name in _MANY for part in schema.get(name, ())):
            found |= self._properties(part)
        return found

    def _filled(self, schema: Schema, value: Any) -> Any:
        schema = self._fitting(schema, value)
        if isinstance(value, list):
            items = schema.get("items")
            return [self._filled(items, item) for item in value] if items else value
        if not isinstance(value, dict):
            return value
        known = self._properties(schema)
        found = {
            name: self._filled(known[name], item) if name in known else item for name, item in value.items()
        }
        for name in self._required(schema):
            if name not in found:
                found[name] = self._smallest(known[name]) if name in known else None
        return found

    def _required(self, schema: Schema) -> list[str]:
        schema = self._resolved(schema)
        return list(schema.get("required", ())) + [
            n for part in schema.get("allOf", ()) for n in self._required(part)
        ]

    def _fitting(self, schema: Schema, value: Any) -> Schema:
        """Return the alternative that a value was meant as: the one that knows most of its fields."""
        schema = self._resolved(schema)
        choices = [self._resolved(part) for name in ("anyOf", "oneOf") for part in schema.get(name, ())]
        if not choices or "properties" in schema:
            return schema
        if isinstance(value, dict):
            return self._fitting(
                max(choices, key=lambda part: _likeness(self._properties(part), value)), value
            )
        wanted = "array" if isinstance(value, list) else None
        return next((part for part in choices if part.get("type") == wanted), choices[0])

    def _smallest(self, schema: Schema) -> Any:
        schema = self._resolved(schema)
        for name in _MANY:
            if parts := schema.get(name):
                nothing = any(part.get("type") == "null" for part in parts)
                return (
                    None
                    if nothing
                    else self._smallest(parts[0])
                    if name != "allOf"
                    else self._filled(schema, {})
                )
        if "enum" in schema:
            return None if None in schema["enum"] else schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "null")
        if isinstance(kind, list):
            return None
        if kind == "object":
            return self._filled(schema, {})
        if kind == "string":
            formats = {
                "uri": "https://example.org/",
                "date-time": "2026-01-01T00:00:00Z",
                "email": "a@example.org",
            }
            return formats.get(schema.get("format", ""), "x" * schema.get("minLength", 0))
        return {"integer": schema.get("minimum", 0), "number": 0, "boolean": False, "array": []}.get(kind)


def _told(error: Any) -> str:
    """Say what is wrong; of alternatives, the nearest one's first fault."""
    where = "/".join(map(str, error.instance_path))
    alternatives = [part for part in getattr(error.kind, "context", ()) if part]
    if alternatives:
        return f"{where}: {_told(min(alternatives, key=len)[0])}"
    return f"{where}: {error.message}"[-300:]


def _likeness(known: Mapping[str, Any], value: Mapping[str, Any]) -> int:
    return sum(name in known for name in value)


def _escaped(text: str) -> str:
    return (
        text.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")
    )


def _coerced(schema: Schema, text: str) -> Any:
    kind = schema.get("type")
    if kind == "integer" and text.removeprefix("-").isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


@cache
def contract(operations: tuple[Key, ...], webhooks: tuple[str, ...]) -> Contract:
    """Return what GitHub says about these; the part of the description that says it is kept in a file."""
    name = hashlib.sha256(
        json.dumps([operations, webhooks, Path(__file__).read_text()]).encode()
    ).hexdigest()[:16]
    file = ARTEFACTS / f"cut-{name}.json"
    if not file.exists():
        document = json.loads(artefact("openapi.json").read_bytes())
        part = file.with_suffix(f".{id(document)}")
        part.write_text(json.dumps(_cut(document, operations, webhooks)))
        part.replace(file)
    return Contract(json.loads(file.read_bytes()))


def _cut(
    document: Mapping[str, Any], operations: Iterable[Key], webhooks: Iterable[str]
) -> Mapping[str, Any]:
    found = {
        "operations": {
            f"{method} {path}": _operation(document, document["paths"][path], method.lower())
            for method, path in operations
        },
        "webhooks": {
            name: _converted(
                document["x-webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
            )
            for name in webhooks
        },
    }
    schemas: dict[str, Any] = {}
    wanted = _references(found)
    while wanted:
        name = wanted.pop()
        schemas[name] = _amended(name, _converted(document["components"]["schemas"][name]))
        wanted |= _references(schemas[name]) - set(schemas)
    return {**found, "components": {"schemas": schemas}}


def _amended(name: str, schema: Schema) -> Schema:
    """Add what the description forgets: a pull request has no repository at its head when that is deleted."""
    if name in ("pull-request", "pull-request-simple"):
        side = schema["properties"]["head"]["properties"]
        side["repo"] = {"anyOf": [{"type": "null"}, side["repo"]]}
    return schema


def _operation(document: Mapping[str, Any], path: Mapping[str, Any], method: str) -> Mapping[str, Any]:
    parts = document["components"]
    operation = path[method]

    def at(value: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        return parts[kind][value["$ref"].rpartition("/")[2]] if "$ref" in value else value

    parameters = [
        at(item, "parameters") for item in [*path.get("parameters", ()), *operation.get("parameters", ())]
    ]
    body = operation.get("requestBody", {})
    content = body.get("content", {}).get("application/json", {}).get("schema")
    answers = {status: at(answer, "responses") for status, answer in operation["responses"].items()}
    return {
        "query": {item["name"]: _converted(item["schema"]) for item in parameters if item["in"] == "query"},
        "body": None if content is None else _converted(content),
        "needs_body": bool(body.get("required")),
        "responses": {status: _answer(answer) for status, answer in answers.items()},
    }


def _answer(answer: Mapping[str, Any]) -> Schema | None:
    for kind in ("application/json", "application/scim+json"):
        if schema := answer.get("content", {}).get(kind, {}).get("schema"):
            return _converted(schema)
    return None


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


def _converted(schema: Mapping[str, Any]) -> Schema:
    """Return a schema of OpenAPI 3.0 as JSON Schema, without what only people read."""
    if "$ref" in schema:
        return {"$ref": f"{_ROOT}{schema['$ref']}"}
    found = {name: schema[name] for name in _KEPT if name in schema}
    for name in ("items", "additionalProperties"):
        if isinstance(found.get(name), dict):
            found[name] = _converted(found[name])
    for name in _MANY:
        if name in schema:
            found[name] = [_converted(part) for part in schema[name]]
    if "properties" in schema:
        found["properties"] = {name: _converted(part) for name, part in schema["properties"].items()}
    if schema.get("nullable"):
        return _nullable(found)
    return found


def _nullable(schema: dict[str, Any]) -> Schema:
    if any(name in schema for name in _MANY) or "properties" in schema or "type" not in schema:
        return {"anyOf": [{"type": "null"}, schema]}
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema
