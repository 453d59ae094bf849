"""Which language a file is in, and the grammar and query of each."""

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache

from tree_sitter import Language as Grammar
from tree_sitter import Query

_CPP_HEADER = re.compile(
    rb"^\s*(class\s+\w+|namespace\b|template\s*<|using\s+\w+|public:|private:)", re.MULTILINE
)
_SHEBANG = re.compile(rb"^#!\s*\S*?([A-Za-z]+)[0-9.]*(?:\s+(?:-\S+\s+)*([A-Za-z]+)[0-9.]*)?")


@dataclass(frozen=True, slots=True)
class Language:
    """One grammar and the files it is for."""

    name: str
    suffixes: tuple[str, ...]
    package: str = ""
    """Importable grammar package; "" means `tree_sitter_` and the name."""
    entry: str = "language"
    """The function of the package that returns the grammar."""
    folder: str = ""
    """Folder of its query below `languages/`; "" means the name."""
    files: tuple[str, ...] = ()
    """File names without one of the suffixes."""
    interpreters: tuple[str, ...] = ()
    """Programs that a `#!` line may name."""
    tests: str = ""
    """Expression that the name of a test function or class matches from its start."""


_LANGUAGES_OF_CODE = (
    Language(
        "python",
        (".py", ".pyi", ".pyw"),
        files=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "pypy"),
        tests=r"test|Test",
    ),
    Language("javascript", (".js", ".mjs", ".cjs", ".jsx"), interpreters=("node", "nodejs", "bun")),
    Language(
        "typescript",
        (".ts", ".mts", ".cts"),
        package="tree_sitter_typescript",
        entry="language_typescript",
        interpreters=("deno", "tsx"),
    ),
    Language("tsx", (".tsx",), package="tree_sitter_typescript", entry="language_tsx", folder="typescript"),
    Language("go", (".go",), tests=r"(?:Test|Benchmark|Fuzz|Example)(?:[A-Z_]|$)"),
    Language("rust", (".rs",)),
    Language("java", (".java",), tests=r"test[A-Z_]"),
    Language("c", (".c", ".h"), tests=r"test_"),
    Language("cpp", (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".inl", ".ipp", ".tpp")),
    Language("csharp", (".cs",), package="tree_sitter_c_sharp"),
    Language(
        "ruby",
        (".rb", ".rake", ".gemspec"),
        files=("Rakefile", "Gemfile", "Guardfile"),
        interpreters=("ruby",),
        tests=r"test_",
    ),
    Language("php", (".php", ".phtml"), entry="language_php", interpreters=("php",), tests=r"test[A-Z_]"),
    Language("bash", (".sh", ".bash"), interpreters=("bash", "sh", "dash", "zsh"), tests=r"test_"),
)
_OUTLINES = (
    Language("html", (".html", ".htm")),
    Language("css", (".css",)),
    Language("json", (".json", ".jsonc")),
    Language("yaml", (".yaml", ".yml")),
    Language("toml", (".toml",)),
    Language("markdown", (".md", ".markdown")),
)
LANGUAGES = (*_LANGUAGES_OF_CODE, *_OUTLINES)
IS_OUTLINE = frozenset(language.name for language in _OUTLINES)
BY_NAME = {language.name: language for language in LANGUAGES}
_BY_SUFFIX = {suffix: language.name for language in LANGUAGES for suffix in language.suffixes}
_BY_FILE = {name: language.name for language in LANGUAGES for name in language.files}
_BY_INTERPRETER = {name: language.name for language in LANGUAGES for name in language.interpreters}


def language_of(path: str) -> str:
    """Return the language that a path alone tells, "" when it tells none."""
    name = path[path.rfind("/") + 1 :]
    # Called for every path of every snapshot: pathlib takes thirty times as long.
    dot = name.rfind(".")
    return _BY_FILE.get(name) or _BY_SUFFIX.get(name[dot:].lower() if dot > 0 else "", "")


def language_in(hint: str, content: bytes) -> str:
    """Return the language of a content, given what its path tells."""
    if hint == "c" and _CPP_HEADER.search(content):
        return "cpp"
    if hint or not content.startswith(b"#!"):
        return hint
    found = _SHEBANG.match(content)
    words = [word.decode("ascii") for word in found.groups() if word] if found else []
    return next((_BY_INTERPRETER[word] for word in reversed(words) if word in _BY_INTERPRETER), "")


@cache
def grammar(name: str) -> Grammar:
    """Return the grammar of a language by name."""
    language = BY_NAME[name]
    package = importlib.import_module(language.package or f"tree_sitter_{name}")
    return Grammar(getattr(package, language.entry)())


@cache
def query(name: str) -> Query:
    """Return the query that finds the facts of a language."""
    folder = BY_NAME[name].folder or name
    # `importlib.resources` takes as long to import as all else that a worker needs of the standard library.
    source = pkgutil.get_data("agent.index", f"languages/{folder}/facts.scm")
    assert source is not None
    return Query(grammar(name), source.decode())
