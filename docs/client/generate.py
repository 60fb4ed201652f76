"""Writes ``trabecula_client.py`` from ``docs/openapi.json``: a type a body, a method a call.

python docs/client/generate.py
"""

import json
import keyword
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DESCRIPTION = HERE.parent / "openapi.json"
CLIENT = HERE / "trabecula_client.py"
UNDER = "/api/v1/"
HEAD = '''"""A client of Trabecula in one file: no dependencies, Python 3.11 and later.

Written by docs/client/generate.py from docs/openapi.json; do not edit it by hand.
"""

from __future__ import annotations
'''
SCALARS = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None",
    "object": "dict[str, Any]", "array": "list[Any]",
}  # fmt: skip
NULL = "NullEnum"  # how the description says that a choice may be null
METHODS = ("get", "post", "put", "patch", "delete")
WIDTH = 96

Json = dict[str, Any]


def client(described: Json) -> str:
    """The whole module."""
    operations = [
        (path, method, one)
        for path, methods in sorted(described["paths"].items())
        if path.startswith(UNDER)
        for method in METHODS
        if (one := methods.get(method))
    ]
    shapes = described["components"]["schemas"]
    used = _used([one for _, _, one in operations], shapes)
    base = (HERE / "base.py").read_text(encoding="utf-8").partition('"""\n')[2]
    types = [_shape(name, shapes[name]) for name in sorted(used)]
    calls = [_method(path, method, one) for path, method, one in operations]
    site = '\n\nclass Client(Caller):\n    """Every call of /api/v1/."""\n\n'
    return HEAD + base + "\n\n" + "\n\n\n".join(types) + "\n" + site + "\n\n".join(calls) + "\n"


def _used(operations: list[Json], shapes: Json) -> set[str]:
    """Names of all shapes that the calls take or give, through each other."""
    found: set[str] = set()
    waiting: list[Any] = list(operations)
    while waiting:
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(waiting.pop())):
            if name not in found:
                found.add(name)
                waiting.append(shapes[name])
    return found - {"ProblemShape", NULL}


def _shape(name: str, shape: Json) -> str:
    if "properties" not in shape:
        return f"{name} = {_type(shape)}"
    needed = set(shape.get("required", ()))
    rows = [f"class {name}(TypedDict):"]
    for field, schema in sorted(shape["properties"].items()):
        told = _type(schema)
        rows.append(f"    {field}: {told if field in needed else f'NotRequired[{told}]'}")
    return "\n".join(rows)


def _type(schema: Json) -> str:
    return " | ".join(dict.fromkeys(_parts(schema)))


def _parts(schema: Json) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield "None" if name == NULL else name
    elif "enum" in schema:
        values = ", ".join(repr(one) for one in schema["enum"])
        yield f"Literal[{values}]"
    elif "oneOf" in schema or "anyOf" in schema or "allOf" in schema:
        for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from _parts(one)
    else:
        kinds = schema.get("type", [])
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            yield _plain(kind, schema)
        if not kinds:
            yield "Any"


def _plain(kind: str, schema: Json) -> str:
    if kind == "array" and schema.get("items"):
        return f"list[{_type(schema['items'])}]"
    below = schema.get("additionalProperties")
    if kind == "object" and isinstance(below, dict) and below:
        return f"dict[str, {_type(below)}]"
    if kind == "string" and schema.get("format") == "binary":
        return "bytes"
    return SCALARS[kind]


def _method(path: str, method: str, operation: Json) -> str:
    parameters = operation.get("parameters", ())
    in_path = [one["name"] for one in parameters if one["in"] == "path"]
    # In the order of the address, which is how a reader thinks of it.
    in_path.sort(key=lambda name: path.index("{" + name + "}"))
    types = {one["name"]: _type(one["schema"]) for one in parameters}
    body, is_form = _body(operation)
    signature = ["self", *(f"{_python(name)}: {types[name]}" for name in in_path)]
    if body:
        signature.append(f"body: {body}")
    if is_form:
        signature += ["patient: str", "files: Iterable[bytes]"]
    named = [one for one in parameters if one["in"] in ("query", "header")]
    if named:
        signature.append("*")
    for one in sorted(named, key=lambda one: not one.get("required")):
        optional = "" if one.get("required") else " | None = None"
        signature.append(f"{_python(one['name'])}: {types[one['name']]}{optional}")
    given = [
        repr(method.upper()).replace("'", '"'),
        _address(path, in_path),
        *_named("query", [one["name"] for one in named if one["in"] == "query"]),
        *_named("headers", [one["name"] for one in named if one["in"] == "header"]),
    ]
    if body:
        given.append("body=body")
    if is_form:
        given += ['body={"patient": patient}', 'files=[("files", one) for one in files]']
    answer = _answer(operation)
    call = f"self._call({', '.join(given)})"
    lines = [
        f"    def {operation['operationId']}(",
        *(f"        {one}," for one in signature),
        f"    ) -> {answer}:",
        _documented(operation),
    ]
    if answer == "None":
        lines.append(f"        {call}")
    else:
        lines += [f"        answer: {answer} = {call}", "        return answer"]
    return "\n".join(lines)


def _documented(operation: Json) -> str:
    words = f"{operation['summary']}. {operation.get('description', '')}".replace("\\", "\\\\")
    lines = textwrap.wrap(" ".join(words.split()), WIDTH - 8)
    text = "\n        ".join(lines)
    return f'        """{text}\n        """' if len(lines) > 1 else f'        """{text}"""'


def _body(operation: Json) -> tuple[str, bool]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return "", True
    return (_type(content["application/json"]["schema"]) if content else ""), False


def _answer(operation: Json) -> str:
    """The type of what is answered when it is done; several media types are one of them."""
    told: list[str] = []
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            kinds = [_type(one["schema"]) for one in response.get("content", {}).values()]
            told += kinds or ["None"]
        # 304 has no body.
        if status == "304":
            told.append("None")
    return " | ".join(dict.fromkeys(told))


def _address(path: str, names: list[str]) -> str:
    text = path
    for name in names:
        text = text.replace("{" + name + "}", "{_part(" + _python(name) + ")}")
    return f'f"{text}"' if names else f'"{text}"'


def _named(kind: str, names: list[str]) -> list[str]:
    if not names:
        return []
    pairs = ", ".join(f'"{name}": {_python(name)}' for name in names)
    return [f"{kind}={{{pairs}}}"]


def _python(name: str) -> str:
    plain = re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


if __name__ == "__main__":
    CLIENT.write_text(client(json.loads(DESCRIPTION.read_text("utf-8"))), encoding="utf-8")
