"""setup.cfg as data, and setup.py as a syntax tree: its literals are read, its code never runs."""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping

from agent.verify.manifests import Files, Project
from agent.verify.manifests_requirements import read_requirements

_COMPILED = re.compile(r"\bext_modules\b|\bExtension\(|\bcythonize\(|\bcffi_modules\b|\brust_extensions\b")
_DYNAMIC = re.compile(r"use_scm_version|versioneer|\bpbr\s*=\s*True|setuptools[-_]scm")
_BUILD_MODULES = {
    "numpy": "numpy",
    "Cython": "cython",
    "pybind11": "pybind11",
    "cffi": "cffi",
    "setuptools_scm": "setuptools-scm",
    "setuptools_rust": "setuptools-rust",
    "pbr": "pbr",
}
_PACKAGE_RESOURCES = "setuptools<81"
"""The newest that still ships pkg_resources."""


def read_setup(files: Files) -> Project:
    """Return what setup.cfg and setup.py say; an empty project when there is neither."""
    config, script = _config(files.text("setup.cfg")), _script(files)
    source = files.text("setup.py")
    if not source and "metadata" not in config:
        return Project()
    metadata, options = config.get("metadata", {}), config.get("options", {})
    extras = {k: _lines(v) for k, v in config.get("options.extras_require", {}).items()}
    extras |= {k: tuple(v) for k, v in script.extras.items()}
    tests = (*_lines(options.get("tests_require", "")), *script.lists.get("tests_require", ()))
    if tests:
        extras["test"] = (*extras.get("test", ()), *tests)
    return Project(
        name=metadata.get("name", "") or script.texts.get("name", ""),
        python=options.get("python_requires", "") or script.texts.get("python_requires", ""),
        pythons=_pythons(metadata.get("classifiers", "") + "\n".join(script.lists.get("classifiers", ()))),
        runtime=(*_lines(options.get("install_requires", "")), *script.lists.get("install_requires", ())),
        extras=extras,
        build=_build(source, options, script),
        installable=True,
        dynamic_version=bool(_DYNAMIC.search(source + files.text("setup.cfg"))),
        legacy=True,
        compiled=bool(_COMPILED.search(source)),
        modules=_modules(config, script),
        notes=script.notes,
    )


class _Script:
    """The literal arguments of the call to setup()."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}
        self.extras: dict[str, tuple[str, ...]] = {}
        self.modules: tuple[str, ...] = ()
        self.notes: tuple[str, ...] = ()


def _script(files: Files) -> _Script:
    found = _Script()
    try:
        tree = ast.parse(files.text("setup.py"))
    except (SyntaxError, ValueError):
        found.notes = ("setup.py: not Python that can be read; its requirements are unknown",)
        return found
    imported = (name for node in ast.walk(tree) for name in _imported(node))
    found.modules = tuple(dict.fromkeys(imported))
    names = dict(_assignments(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                _take(found, files, names, keyword)
    return found


def _take(found: _Script, files: Files, names: Mapping[str, ast.expr], keyword: ast.keyword) -> None:
    value = _literal(keyword.value, names)
    if keyword.arg in ("name", "python_requires") and isinstance(value, str):
        found.texts[keyword.arg] = value
    elif keyword.arg == "extras_require":
        tables = value if isinstance(value, dict) else {}
        found.extras = {str(k): _texts(v) for k, v in tables.items()}
    elif keyword.arg in (
        *("install_requires", "tests_require", "setup_requires"),
        *("classifiers", "py_modules", "packages"),
    ):
        found.lists[keyword.arg] = _texts(value) if value is not None else _named_file(files, keyword, names)
        if value is None and keyword.arg.endswith("requires") and not found.lists[keyword.arg]:
            found.notes += (f"setup.py: {keyword.arg} is computed and could not be read",)


def _named_file(files: Files, keyword: ast.keyword, names: Mapping[str, ast.expr]) -> tuple[str, ...]:
    # install_requires=read("requirements.txt"), directly or by way of a variable.
    reached = [keyword.value]
    reached += [names[n.id] for n in ast.walk(keyword.value) if isinstance(n, ast.Name) and n.id in names]
    for node in (node for value in reached for node in ast.walk(value)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and text.endswith(".txt") and text in files:
            return read_requirements(files, text).requirements
    return ()


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.With):
            yield from _assignments(ast.Module(node.body, []))


def _literal(node: ast.expr, names: Mapping[str, ast.expr], depth: int = 0) -> object:
    """Return the value of lists, dictionaries, strings, names and sums of them; None for anything else."""
    if depth > 10:
        return None
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return _literal(names[node.id], names, depth + 1)
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(item, names, depth + 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        pairs = ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)
        return {str(_literal(k, names, depth + 1)): _literal(v, names, depth + 1) for k, v in pairs}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left, names, depth + 1), _literal(node.right, names, depth + 1)
        if isinstance(left, list) and isinstance(right, list):
            return left + right
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    return None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return _lines(value)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _config(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _lines(text: str) -> tuple[str, ...]:
    stripped = (line.partition(" #")[0].strip() for line in text.splitlines())
    return tuple(line for line in stripped if line and not line.startswith(("#", "file:", "attr:")))


def _pythons(text: str) -> tuple[str, ...]:
    return tuple(f"3.{number}" for number in re.findall(r"Python :: 3\.(\d+)\s*$", text, re.MULTILINE))


def _build(source: str, options: Mapping[str, str], script: _Script) -> tuple[str, ...]:
    needed = [_BUILD_MODULES[name] for name in script.modules if name in _BUILD_MODULES]
    setuptools = _PACKAGE_RESOURCES if "pkg_resources" in source else "setuptools"
    stated = (*_lines(options.get("setup_requires", "")), *script.lists.get("setup_requires", ()))
    return (setuptools, "wheel", *needed, *stated)


def _modules(config: Mapping[str, Mapping[str, str]], script: _Script) -> tuple[str, ...]:
    options = config.get("options", {})
    listed = (*_lines(options.get("py_modules", "")), *_lines(options.get("packages", "")))
    listed += (*script.lists.get("py_modules", ()), *script.lists.get("packages", ()))
    return tuple(name for name in listed if name.isidentifier())
