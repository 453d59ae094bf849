"""setup.cfg as data, and setup.py as a syntax tree: its literals are read, its code never runs."""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping

from agent.verify.manifests import Files, Project
from agent.verify.manifests_requirements import read_requirements

_COMPILED = re.compile(r"\bext_modules\b|\bExtension\(|\bcythonize\(|\bcffi_modules\b|\brust_extensions\b")
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
        version=_stated(metadata.get("version", "")) or script.texts.get("version", ""),
        python=options.get("python_requires", "") or script.texts.get("python_requires", ""),
        pythons=_pythons(metadata.get("classifiers", "") + "\n".join(script.lists.get("classifiers", ()))),
        runtime=(*_lines(options.get("install_requires", "")), *script.lists.get("install_requires", ())),
        extras=extras,
        build=_build(source, options, script),
        installable=True,
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
    names = _Names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                _take(found, files, names, keyword)
    return found


def _take(found: _Script, files: Files, names: "_Names", keyword: ast.keyword) -> None:
    value = names.literal(keyword.value)
    if keyword.arg in ("name", "version", "python_requires") and isinstance(value, str):
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


def _named_file(files: Files, keyword: ast.keyword, names: "_Names") -> tuple[str, ...]:
    # install_requires=read("requirements.txt"), directly or by way of a variable.
    reached = [keyword.value]
    named = (node.id for node in ast.walk(keyword.value) if isinstance(node, ast.Name))
    reached += [names.sources[name] for name in named if name in names.sources]
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


class _Names:
    """The module's variables as far as they are literals, in the order in which they are assigned."""

    def __init__(self, tree: ast.Module) -> None:
        self.sources: dict[str, ast.expr] = {}
        self._values: dict[str, object] = {}
        self._assign(tree.body)

    def _assign(self, body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.With):
                self._assign(node.body)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1:
                self._set(node.targets[0], node.value)
            elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
                self._set(node.target, ast.BinOp(node.target, ast.Add(), node.value))

    def _set(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.sources[target.id], self._values[target.id] = value, self.literal(value)
        elif isinstance(target, ast.Subscript):
            table, key = self.literal(target.value), self.literal(target.slice)
            if isinstance(table, dict) and isinstance(key, str):
                table[key] = self.literal(value)

    def literal(self, node: ast.expr) -> object:
        """Return the value of strings, lists, tables, variables, items and sums; None for anything else."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._values.get(node.id)
        if isinstance(node, ast.List | ast.Tuple):
            return [self.literal(item) for item in node.elts]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {str(self.literal(key)): self.literal(value) for key, value in pairs if key is not None}
        if isinstance(node, ast.Subscript):
            table, key = self.literal(node.value), self.literal(node.slice)
            return table.get(key) if isinstance(table, dict) and isinstance(key, str) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _sum(self.literal(node.left), self.literal(node.right))
        return None


def _sum(left: object, right: object) -> object:
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return left + right if isinstance(left, str) and isinstance(right, str) else None


def _stated(version: str) -> str:
    return "" if ":" in version else version.strip()


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
