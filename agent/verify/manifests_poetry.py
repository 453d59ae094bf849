"""Poetry's own tables: version ranges and groups as the standard writes them."""

import re
from collections.abc import Iterator, Mapping

from agent.verify.manifests import mapping, strings

_NUMBER = re.compile(r"^\d+(?:\.\d+)*")


def poetry_requirements(table: object) -> Iterator[str]:
    """Yield a table of name -> range as PEP 508 requirements; what has no version comes with its source."""
    for name, value in mapping(table).items():
        if name.lower() == "python":
            continue
        for one in value if isinstance(value, list) else [value]:
            yield _requirement(name, one)


def poetry_python(table: object) -> str:
    """Return the Python range of a dependencies table as a PEP 440 specifier."""
    wanted = mapping(table).get("python")
    return specifier(wanted) if isinstance(wanted, str) else ""


def poetry_groups(poetry: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return the groups with their requirements."""
    groups = {
        name: tuple(poetry_requirements(mapping(group).get("dependencies")))
        for name, group in mapping(poetry.get("group")).items()
    }
    old = tuple(poetry_requirements(poetry.get("dev-dependencies")))
    if old:
        groups["dev"] = groups.get("dev", ()) + old
    return groups


def specifier(text: str) -> str:
    """Return a range as a PEP 440 specifier, "" for anything goes; alternatives take their widest bounds."""
    parts = text.split("||")
    if len(parts) > 1:
        lower = [s for s in specifier(parts[0]).split(",") if s.startswith((">", "="))]
        upper = [s for s in specifier(parts[-1]).split(",") if s.startswith("<")]
        return ",".join([s.replace("==", ">=") for s in lower] + upper)
    return ",".join(
        filter(None, (_clause(part) for part in re.split(r"\s*,\s*|\s+(?=[<>=!^~])", text.strip())))
    )


def _clause(text: str) -> str:
    text = text.strip()
    number = _NUMBER.match(text.lstrip("^~=<>! "))
    if not text or text == "*" or number is None:
        return ""
    if text.startswith("^"):
        return f">={number[0]},<{_caret(number[0])}"
    if text.startswith("~") and not text.startswith("~="):
        return f">={number[0]},<{_tilde(number[0])}"
    return text if text[0] in "<>=!~" else f"=={text}"


def _caret(number: str) -> str:
    parts = [int(part) for part in number.split(".")]
    place = next((i for i, part in enumerate(parts) if part), len(parts) - 1)
    return ".".join(map(str, [*parts[:place], parts[place] + 1]))


def _tilde(number: str) -> str:
    parts = [int(part) for part in number.split(".")]
    return ".".join(map(str, [*parts[:1], parts[1] + 1] if len(parts) > 1 else [parts[0] + 1]))


def _requirement(name: str, value: object) -> str:
    if isinstance(value, str):
        return name + specifier(value)
    table = mapping(value)
    for source in ("git", "url", "path", "file"):
        if source in table:
            return f"{name} @ {table[source]}"
    extras = ",".join(strings(table.get("extras")))
    version = table.get("version")
    bounds = specifier(version) if isinstance(version, str) else ""
    markers = [str(table["markers"])] if "markers" in table else []
    if isinstance(table.get("python"), str):
        markers += [_python_marker(clause) for clause in specifier(str(table["python"])).split(",") if clause]
    condition = " and ".join(f"({marker})" for marker in markers)
    return f"{name}[{extras}]{bounds}".replace("[]", "") + (f" ; {condition}" if condition else "")


def _python_marker(clause: str) -> str:
    operator, version = re.match(r"([<>=!~]+)\s*(.*)", clause).groups()  # type: ignore[union-attr]
    variable = "python_full_version" if version.count(".") > 1 else "python_version"
    return f'{variable} {operator} "{version}"'
