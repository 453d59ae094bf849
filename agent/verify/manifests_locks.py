"""Lock files as version bounds: exact where one version was locked, silent where several were."""

import tomllib
from collections import defaultdict

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from agent.verify.manifests import Files, Wanted, mapping

_LOCKS = (
    ("uv.lock", "package"),
    ("pylock.toml", "packages"),
    ("poetry.lock", "package"),
    ("pdm.lock", "package"),
)


def read_locks(files: Files, project: str) -> Wanted:
    """Return the bounds of the first lock file at the top of the tree."""
    for path, table in _LOCKS:
        if path not in files:
            continue
        try:
            packages = tomllib.loads(files.text(path)).get(table)
        except tomllib.TOMLDecodeError:
            return Wanted(notes=(f"{path}: no TOML, left out",))
        bounds = _bounds(packages, canonicalize_name(project))
        return Wanted(constraints=bounds, notes=(f"{path}: {len(bounds)} locked versions are preferred",))
    return Wanted()


def _bounds(packages: object, project: str) -> tuple[str, ...]:
    versions: dict[str, set[str]] = defaultdict(set)
    for package in packages if isinstance(packages, list) else ():
        table = mapping(package)
        source = mapping(table.get("source"))
        elsewhere = {"git", "directory", "editable", "virtual", "url", "path", "vcs", "archive"}
        local = elsewhere & {*source, *table, str(source.get("type", ""))}
        name = canonicalize_name(str(table.get("name", "")))
        if name and name != project and not local and _is_version(table.get("version")):
            versions[name].add(str(table["version"]))
    return tuple(f"{name}=={min(found)}" for name, found in sorted(versions.items()) if len(found) == 1)


def _is_version(value: object) -> bool:
    try:
        Version(str(value))
    except InvalidVersion:
        return False
    return True
