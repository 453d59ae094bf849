"""What tox would run in one of its environments, from its settings; the environment itself is ours."""

import configparser
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.verify.workflows.tox_lists import for_python, section_of, with_factors

Read = Callable[[str], bytes | None]

_FACTORS = re.compile(r"^(?P<factors>[\w.!{},\s-]{1,300}?):\s+(?P<rest>\S.*)$")
_PYTHON = re.compile(r"(?:py(?:py)?\d?(?:\.?\d{1,2})?|\d\.\d{1,2})t?")
_HOLE = re.compile(r"\{((?:[^{}]|\{[^{}]*\})*)\}")
_PLACES = {"toxinidir": ".", "tox_root": ".", "envpython": "python", "basepython": "python", "/": "/"}
_TEMPORARY = (
    "envtmpdir",
    "env_tmp_dir",
    "envdir",
    "env_dir",
    "toxworkdir",
    "work_dir",
    "envlogdir",
    "temp_dir",
)
_DEEPEST = 5
_MOST = 40


class NotForTox(Exception):
    """What tox is asked for cannot be said as commands; the text says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of tox: the shell commands that it runs, in order, and what it sets for them."""

    name: str
    commands: tuple[str, ...]
    env: Mapping[str, str]
    directory: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    words: tuple[str, ...]
    """What stands after `--` on the command line."""

    @property
    def factors(self) -> frozenset[str]:
        return frozenset((*self.name.split("-"), self.name))


def tox_environment(name: str, words: Sequence[str], read: Read) -> Environment:
    """Return what tox runs in an environment; `read` gives a file of the tree. Raises NotForTox.

    Source: the documentation of tox 4, "Configuration"; what has no meaning here is refused.
    """
    asked = _Asked(name, tuple(words))
    parser = _ini(read)
    if parser is not None:
        return _Ini(parser, asked).environment()
    table = _toml(read)
    if table is None:
        raise NotForTox("there are no settings of tox")
    return _native(table, asked)


def listed_environments(factors: tuple[str, ...], python: str, read: Read) -> tuple[str, ...]:
    """Return what tox runs when no environment is named: those with some factors, else those of a Python."""
    parser = _ini(read)
    if parser is None:
        return ()
    return with_factors(parser, factors) if factors else for_python(parser, python)


def _ini(read: Read) -> configparser.ConfigParser | None:
    for text in (_text(read("tox.ini")), _legacy(read), _text(read("setup.cfg"))):
        parser = configparser.ConfigParser(interpolation=None, strict=False, default_section="\0")
        try:
            parser.read_string(text)
        except configparser.Error:
            raise NotForTox("its settings cannot be read") from None
        if any(section.startswith("testenv") for section in parser.sections()):
            return parser
    return None


def _text(data: bytes | None) -> str:
    return (data or b"")[: 1024 * 1024].decode("utf-8", "replace")


def _load(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _pyproject(read: Read) -> Mapping[str, Any]:
    tool = _load(_text(read("pyproject.toml"))).get("tool")
    table = tool.get("tox") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def _legacy(read: Read) -> str:
    text = _pyproject(read).get("legacy_tox_ini")
    return text if isinstance(text, str) else ""


def _toml(read: Read) -> Mapping[str, Any] | None:
    for table in (_load(_text(read("tox.toml"))), _pyproject(read)):
        if "env_run_base" in table or "env" in table:
            return table
    return None


@dataclass(frozen=True, slots=True)
class _Ini:
    parser: configparser.ConfigParser
    asked: _Asked

    def environment(self) -> Environment:
        known = bool(self._own) or any(_PYTHON.fullmatch(one) for one in self.asked.factors)
        if not known and not self._is_factor():
            raise NotForTox(f"it has no environment {self.asked.name[:60]!r}")
        lines = [*self._lines("commands_pre"), *self._lines("commands")]
        if not lines:
            raise NotForTox(f"its environment {self.asked.name[:60]!r} has no commands")
        sets = [line.partition("=") for line in (*self._lines("setenv"), *self._lines("set_env"))]
        places = [*self._lines("changedir"), *self._lines("change_dir")]
        env = {name.strip(): value.strip() for name, equals, value in sets if equals}
        return Environment(self.asked.name, _commands(lines), env, places[0] if places else "")

    @property
    def _own(self) -> str:
        return section_of(self.parser, self.asked.name)

    def _is_factor(self) -> bool:
        """Say whether the settings speak of every part of the name somewhere."""
        listed = "\n".join(value for section in self.parser.values() for value in section.values())
        return all(re.search(rf"\b{re.escape(part)}\b", listed) for part in self.asked.name.split("-"))

    def _lines(self, key: str) -> list[str]:
        text = self._get(self._own, key) or self._get("testenv", key) or ""
        joined = re.sub(r"[ \t]*\\\n\s*", " ", self._referred(text, 0))
        lines = (_for_factors(line.strip(), self.asked.factors) for line in joined.splitlines())
        return [_filled(line, self.asked).strip() for line in lines if line and not line.startswith("#")]

    def _get(self, section: str, key: str) -> str | None:
        return self.parser.get(section, key, fallback=None) if section else None

    def _referred(self, text: str, depth: int) -> str:
        if depth > _DEEPEST or len(text) > 20_000:
            raise NotForTox("its settings refer to each other")

        def put(match: re.Match[str]) -> str:
            section = match[1] or self._own or "testenv"
            return self._referred(self._get(section, match[2]) or "", depth + 1)

        return re.sub(r"\{\[([^\]{}]{0,100})\]([\w-]{1,60})\}", put, text)


def _for_factors(line: str, ours: frozenset[str]) -> str:
    match = _FACTORS.match(line)
    if match is None or "://" in line[: match.end("factors") + 3]:
        return line
    named = re.sub(r"[{}\s]", "", match["factors"]).split(",")
    fits = any(
        all((part.lstrip("!") in ours) != part.startswith("!") for part in one.split("-")) for one in named
    )
    return match["rest"] if fits else ""


def _filled(line: str, asked: _Asked) -> str:
    """Return a line with tox's own substitutions made; raises NotForTox for what is not known."""

    def put(match: re.Match[str]) -> str:
        name, colon, default = match[1].partition(":")
        if name == "posargs":
            return shlex.join(asked.words) if asked.words else _filled(default, asked)
        if name == "env" and colon:
            variable, _, other = default.partition(":")
            return f"${{{variable}:-{_filled(other, asked)}}}"
        if name in ("envname", "env_name"):
            return asked.name
        if name in _TEMPORARY:
            return "$RUNNER_TEMP/tox"
        if name in _PLACES and not colon:
            return _PLACES[name]
        if name == "tty":
            return ""
        raise NotForTox(f"its settings use {match[0][:60]}")

    return _HOLE.sub(put, line)


def _commands(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) > _MOST:
        raise NotForTox("it runs very many commands")
    return tuple(
        f"{{ {line[1:].strip()} || true; }}" if line.startswith("-") else line.lstrip("!- ") for line in lines
    )


def _native(table: Mapping[str, Any], asked: _Asked) -> Environment:
    shared = _table(table.get("env_run_base"))
    named = _table(table.get("env")).get(asked.name)
    if not isinstance(named, dict) and not any(_PYTHON.fullmatch(one) for one in asked.factors):
        raise NotForTox(f"it has no environment {asked.name[:60]!r}")
    merged = {**shared, **_table(named)}
    listed = [*_list(merged.get("commands_pre")), *_list(merged.get("commands"))]
    if not listed:
        raise NotForTox(f"its environment {asked.name[:60]!r} has no commands")
    sets = {
        str(name): _filled(value, asked)
        for name, value in _table(merged.get("set_env")).items()
        if isinstance(value, str)
    }
    place = merged.get("change_dir")
    return Environment(
        asked.name,
        tuple(_argv(one, asked) for one in listed[:_MOST]),
        sets,
        _filled(place, asked) if isinstance(place, str) else "",
    )


def _argv(command: object, asked: _Asked) -> str:
    told: list[str] = []
    for part in _list(command):
        if isinstance(part, str):
            told.append(_filled(part, asked) if "{" in part else shlex.quote(part))
        elif isinstance(part, dict) and part.get("replace") == "posargs":
            told += map(shlex.quote, asked.words or [str(one) for one in _list(part.get("default"))])
        else:
            raise NotForTox("its settings replace something that is not known here")
    return " ".join(told)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
