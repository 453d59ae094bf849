"""The layers, the sizes and the words of the design, checked on the source itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "lsp", "tui", "sandboxes")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

# A layer is the longest prefix of a module's name in this table. Everybody may import itself,
# `agent` (the version) and the leaves, which are pure; the leaves name what they may.
LEAVES = {"agent.protocol", "agent.patches", "agent.untrusted"}
LAYERS: dict[str, set[str]] = {
    "agent": set(),
    "agent.protocol": set(),
    "agent.patches": {"agent.protocol"},
    "agent.untrusted": {"agent.protocol"},
    "sandboxes": set(),
    "agent.config": set(),
    "agent.repo": {"agent.config"},
    "agent.repo.forge": {"agent.config"},
    "agent.models": {"agent.config"},
    "agent.engine": {"agent.config"},
    "agent.index": {"agent.config", "agent.repo"},
    "agent.verify": {"agent.config", "agent.repo", "agent.index", "sandboxes"},
    "agent.tools": {"agent.repo", "agent.index", "agent.verify", "sandboxes"},
    "agent.planners": {
        "agent.repo",
        "agent.models",
        "agent.tools",
        "agent.index",
        "agent.verify",
        "sandboxes",
    },
    "agent.tasks": {
        "agent.config",
        "agent.repo",
        "agent.repo.forge",
        "agent.models",
        "agent.engine",
        "agent.index",
        "agent.verify",
        "agent.tools",
        "agent.planners",
        "sandboxes",
    },
    "agent.publishing": {"agent.config", "agent.repo", "agent.repo.forge", "agent.engine"},
    "agent.client": {"agent.config"},
    # It reads from the forge what it missed; whatever is written there is written by the daemon.
    "agent.bot": {"agent.client", "agent.config", "agent.repo.forge"},
    "agent.ci": {"agent.client", "agent.config"},
    "tui": {"agent.client", "agent.config"},
    "lsp": {"agent.client", "agent.config"},
}
# The composition roots see everything below them.
LAYERS["agent.daemon"] = set(LAYERS) - {"agent.client", "agent.bot", "agent.ci", "tui", "lsp"}
LAYERS["agent.cli"] = set(LAYERS)
LAYERS["agent.__main__"] = {"agent.cli"}
PURE = {"agent.protocol", "agent.patches", "agent.untrusted", "sandboxes"}

# `packaging` is Python's own types for versions and requirements; what Textual paints are `rich`'s segments.
SHARED_LIBRARIES = {"pydantic", "httpx", "typing_extensions", "annotated_types", "packaging", "rich"}
FORBIDDEN_MODULES = {"utils", "util", "core", "common", "helpers", "helper", "base", "misc"}
FORBIDDEN_SUFFIXES = ("Manager", "Service", "Helper", "Base", "Impl")
# The task step, the request and the tool call.
BOUNDARIES = {"agent/tasks/run.py", "agent/daemon/gate.py", "agent/tools/calling.py"}
GUEST = "sandboxes/guest/"


def _sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


SOURCES = _sources()
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def _label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in SOURCES if not _label(path).startswith(GUEST)}


def _imported(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports anywhere, type-checking blocks included."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _ours(path: Path) -> set[str]:
    """Return the modules of ours that a file imports."""
    found = set()
    for name in _imported(path):
        if name in MODULES:
            found.add(name)
        elif name.rpartition(".")[0] in MODULES:
            found.add(name.rpartition(".")[0])
    return found


def _layer(module: str) -> str:
    fitting = [layer for layer in LAYERS if module == layer or module.startswith(f"{layer}.")]
    return max(fitting, key=len)


def _eager(path: Path) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is imported."""
    waiting: list[ast.AST] = list(TREES[path].body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def test_a_module_imports_only_what_its_layer_may_see() -> None:
    for module, path in MODULES.items():
        layer = _layer(module)
        allowed = LAYERS[layer] | {layer, "agent"} | (set() if layer in PURE else LEAVES)
        seen = {_layer(name) for name in _ours(path)}
        assert seen <= allowed, f"{module} ({layer}) must not import {sorted(seen - allowed)}"


def test_the_layers_themselves_have_no_cycle() -> None:
    order: list[str] = []
    for layer in LAYERS:
        _visit(layer, LAYERS, order, ())


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: _ours(path) - {module} for module, path in MODULES.items()}
    order: list[str] = []
    for module in graph:
        _visit(module, graph, order, ())


def _visit(node: str, graph: dict[str, set[str]], done: list[str], path: tuple[str, ...]) -> None:
    assert node not in path, f"cycle: {' -> '.join([*path[path.index(node) :], node])}"
    if node in done:
        return
    for after in graph[node]:
        if after in graph and not (after == "agent" or node.startswith(f"{after}.")):
            _visit(after, graph, done, (*path, node))
    done.append(node)


def test_each_library_has_one_home() -> None:
    homes: dict[str, set[str]] = {}
    for path in MODULES.values():
        for name in _imported(path):
            library = name.partition(".")[0]
            if library not in sys.stdlib_module_names and library not in PACKAGES:
                homes.setdefault(library, set()).add(_home(path))
    spread = {k: sorted(v) for k, v in homes.items() if len(v) > 1 and k not in SHARED_LIBRARIES}
    assert not spread, f"libraries imported from more than one folder: {spread}"


def _home(path: Path) -> str:
    # A front end is one home in several folders: all of it speaks what it is made with.
    folder = path.parent.relative_to(ROOT)
    return next((end for end in ("agent/cli", "lsp", "tui") if folder.is_relative_to(end)), str(folder))


def test_guest_code_imports_the_standard_library_pytest_and_itself_only() -> None:
    guests = [path for path in SOURCES if _label(path).startswith(GUEST)]
    own = {path.stem for path in guests} | {path.name for path in (ROOT / GUEST).glob("*") if path.is_dir()}
    for path in guests:
        libraries = {name.partition(".")[0] for name in _imported(path)}
        foreign = libraries - sys.stdlib_module_names - own - {"pytest", "_pytest"}
        assert not foreign, f"{path}: {sorted(foreign)}"


def test_a_file_fits_on_a_few_screens() -> None:
    for path in [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]:
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= MAX_FILE_LINES, f"{_label(path)} has {lines} lines"


def test_a_function_fits_on_one_screen() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= MAX_FUNCTION_LINES, f"{_label(path)}:{node.lineno} has {lines} lines"


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler takes every exception and does not pass it on."""
    if isinstance(last := handler.body[-1], ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in names)


def test_surprises_are_swallowed_at_the_boundaries_only() -> None:
    for path, tree in TREES.items():
        name = _label(path)
        broad = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and _swallows(n)]
        assert not broad or name in BOUNDARIES or name.startswith(GUEST), f"{name}: broad except at {broad}"


def test_nothing_is_called_by_a_word_that_says_nothing() -> None:
    for path in SOURCES:
        parts = set(path.relative_to(ROOT).with_suffix("").parts)
        assert not parts & FORBIDDEN_MODULES, path
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(FORBIDDEN_SUFFIXES), f"{path}: class {node.name}"


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    for path in SOURCES:
        if path.read_text(encoding="utf-8").strip():
            said = ast.get_docstring(TREES[path])
            assert said, f"{path.relative_to(ROOT)} has no docstring"


def test_nothing_is_left_half_done() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    for path in SOURCES:
        found = marks.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


def test_every_package_has_a_short_readme() -> None:
    for package in (path.parent for path in SOURCES if path.name == "__init__.py"):
        readme = package / "README.md"
        assert readme.is_file(), f"{_label(package)} has no README.md"
        lines = readme.read_text(encoding="utf-8").rstrip("\n").count("\n") + 1
        assert 5 <= lines <= 15, f"{_label(readme)} has {lines} lines"


def test_package_files_do_nothing_when_imported() -> None:
    for path in SOURCES:
        if path.name == "__init__.py":
            kinds = {type(node) for node in TREES[path].body}
            assert kinds <= {ast.Expr, ast.Assign}, f"{path.relative_to(ROOT)} does something"


def test_no_module_starts_anything_when_imported() -> None:
    starting = {
        "open",
        "print",
        "run",
        "Popen",
        "mkdir",
        "makedirs",
        "write_text",
        "write_bytes",
        "getLogger",
    }
    for path in MODULES.values():
        for node in _eager(path):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                assert called not in starting, (
                    f"{path.relative_to(ROOT)}:{node.lineno} calls {called} on import"
                )


def _loaded_by(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_agent_costs_nothing() -> None:
    bare = _loaded_by("")
    assert _loaded_by("import agent") - bare == {"agent"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["fix", "--help"]])
def test_asking_for_help_loads_no_heavy_library(arguments: list[str]) -> None:
    code = f"from agent.cli.main import main\nmain({arguments!r}, standalone_mode=False)"
    heavy = {"docker", "git", "tree_sitter", "textual", "pygls", "openai", "sqlite3", "asyncio"}
    assert not _loaded_by(code) & heavy
