"""The top-level modules of a project, for the proof that they are imported from the tree."""

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from agent.verify.manifests import Files, Project

_NOT_MODULES = re.compile(
    r"^(?:tests?|testing|docs?|examples?|samples?|demos?|benchmarks?|bench|scripts?|tools?|build|dist|ci|"
    r"setup|conftest|tasks|noxfile|versioneer|manage|fabfile|wsgi|asgi)$|^test_|_test$"
)


def project_modules(files: Files, project: Project) -> tuple[str, ...]:
    """Return module names that must come from the tree once it is installed; none when it is unclear."""
    named = [name for name in project.modules if _place(files, name)]
    if named:
        return tuple(dict.fromkeys(name for name in named if not _NOT_MODULES.search(name)))
    inside = [name for name in _packages(files, "src/") if not _NOT_MODULES.search(name)]
    if inside:
        return tuple(inside)
    own = re.sub(r"[-.]", "_", canonicalize_name(project.name))
    guesses = [name for name in _packages(files, "") if canonicalize_name(name) == canonicalize_name(own)]
    if guesses:
        return tuple(guesses)
    flat = [name for name in _packages(files, "") if not _NOT_MODULES.search(name)]
    return tuple(flat) if len(flat) == 1 else ()


def _packages(files: Files, folder: str) -> list[str]:
    found = (path.removeprefix(folder) for path in files if path.startswith(folder))
    return sorted({name for path in found if (name := _top(path))})


def _top(path: str) -> str:
    first, slash, rest = path.partition("/")
    if slash:
        return first if rest == "__init__.py" and first.isidentifier() else ""
    stem = first.removesuffix(".py")
    return stem if first.endswith(".py") and stem.isidentifier() else ""


def _place(files: Iterable[str], name: str) -> bool:
    wanted = {f"{folder}{name}{end}" for folder in ("", "src/", "lib/") for end in (".py", "/__init__.py")}
    return any(path in wanted for path in files)
