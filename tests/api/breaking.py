"""What of a changed description would break a program that was written against the older one.

The rules are those of docs/versioning.md: within a version something may be added, and nothing
that a caller may send or rely on is taken away.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """One sentence for each change that takes something away; empty where nothing does."""
    return sorted(set(_operations(old, new)))


def _operations(old: Json, new: Json) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            name = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{name} is gone."
                continue
            before = operations[method]
            if before["operationId"] != now["operationId"]:
                yield f"{name} is called {now['operationId']}, no longer {before['operationId']}."
            yield from _parameters(name, before, now)
            yield from _request(name, _Pair(old, new), before, now)
            yield from _answers(name, _Pair(old, new), before, now)


def _parameters(name: str, before: Json, now: Json) -> Iterator[str]:
    known = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
    given = {(one["in"], one["name"]): one for one in now.get("parameters", ())}
    for place, word in known.keys() - given.keys():
        yield f"{name} no longer takes {word} ({place})."
    for key, one in given.items():
        needed_before = key in known and known[key].get("required")
        if one.get("required") and not needed_before:
            yield f"{name} now needs {key[1]} ({key[0]})."
        if key in known:
            gone = _choices(known[key]["schema"]) - _choices(one["schema"])
            if gone and _choices(one["schema"]):
                yield f"{name} no longer takes {sorted(map(str, gone))} for {key[1]}."


def _request(name: str, pair: "_Pair", before: Json, now: Json) -> Iterator[str]:
    was, is_now = (one.get("requestBody", {}).get("content", {}) for one in (before, now))
    for media_type, body in was.items():
        if media_type not in is_now:
            yield f"{name} no longer takes {media_type}."
        else:
            yield from _shape(f"{name} request", pair, body["schema"], is_now[media_type]["schema"])


def _answers(name: str, pair: "_Pair", before: Json, now: Json) -> Iterator[str]:
    for status, response in before["responses"].items():
        if status not in now["responses"]:
            yield f"{name} no longer answers {status}."
            continue
        is_now = now["responses"][status].get("content", {})
        for media_type, body in response.get("content", {}).items():
            if media_type not in is_now:
                yield f"{name} {status} is no longer {media_type}."
            else:
                where = f"{name} {status}"
                yield from _shape(where, pair, body["schema"], is_now[media_type]["schema"])


class _Pair:
    """Both descriptions, to follow references, each once."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def is_new(self, before: Json, now: Json, is_request: bool) -> bool:
        key = (str(before.get("$ref")), str(now.get("$ref")), is_request)
        if "$ref" not in before or key not in self._seen:
            self._seen.add(key)
            return True
        return False

    def resolved(self, before: Json, now: Json) -> tuple[Json, Json]:
        return _resolved(self._old, before), _resolved(self._new, now)


def _resolved(described: Json, schema: Json) -> Json:
    if len(schema.get("allOf", ())) == 1:
        schema = schema["allOf"][0]
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _shape(where: str, pair: _Pair, before: Json, now: Json) -> Iterator[str]:
    is_request = where.endswith("request")
    if not pair.is_new(before, now, is_request):
        return
    before, now = pair.resolved(before, now)
    lost, gained = _types(before) - _types(now), _types(now) - _types(before)
    # Less may not be taken of a caller, and not more be answered than a caller was told to expect.
    if (is_request and lost) or (not is_request and gained):
        yield f"{where}: the type was {sorted(_types(before))} and is {sorted(_types(now))}."
    gone = _choices(before) - _choices(now)
    if is_request and gone and _choices(now):
        yield f"{where}: {sorted(map(str, gone))} is no longer taken."
    properties, is_now = before.get("properties", {}), now.get("properties", {})
    for field in properties.keys() - is_now.keys():
        yield f"{where}: {field} is gone."
    if is_request:
        for field in set(now.get("required", ())) - set(before.get("required", ())):
            yield f"{where}: {field} is now needed."
    else:
        for field in set(before.get("required", ())) - set(now.get("required", ())):
            yield f"{where}: {field} may now be missing."
    for field in properties.keys() & is_now.keys():
        yield from _shape(_below(where, field), pair, properties[field], is_now[field])
    if "items" in before and "items" in now:
        yield from _shape(_below(where, "each"), pair, before["items"], now["items"])


def _below(where: str, field: str) -> str:
    """A place within a body; whether it is sent or answered stays its last word."""
    return f"{field} in {where}"


def _types(schema: Json) -> set[str]:
    told = schema.get("type", [])
    kinds = {told} if isinstance(told, str) else set(told)
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        kinds |= _types(one)
    # A whole number is a number too.
    return kinds - {"integer"} if "number" in kinds else kinds


def _choices(schema: Json) -> set[Any]:
    return set(schema.get("enum", ()))
