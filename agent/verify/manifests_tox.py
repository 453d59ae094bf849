"""tox: what its test environment installs, from tox.ini, setup.cfg, pyproject.toml or tox.toml."""

import configparser
import re
import tomllib
from collections.abc import Mapping

from agent.verify.manifests import Files, Wanted, mapping, strings
from agent.verify.manifests_requirements import read_lines

_FACTORS = re.compile(r"^([a-z0-9_.!{},-]+):\s+(.*)$")
_REFERENCE = re.compile(r"\{\[([^\]]+)\]([\w-]+)\}")
_VARIABLE = re.compile(r"\{toxinidir\}[/\\]?|\{tox_root\}[/\\]?")
_BRACES = re.compile(r"((?:py)?3?\.?)\{([0-9a-z.,]+)\}")
_PYTHON = re.compile(r"\b(?:py)?3\.?(\d{1,2})\b")
_DEEPEST = 5


def read_tox(files: Files, pyproject: Mapping[str, object], python: str) -> Wanted:
    """Return the requirements, extras and groups of `[testenv]`; lines for other factors are left out."""
    tool = mapping(mapping(pyproject.get("tool")).get("tox"))
    native = mapping(_toml(files.text("tox.toml")).get("env_run_base") or tool.get("env_run_base"))
    if native:
        return _native(files, native)
    text = files.text("tox.ini") or _legacy(tool) or files.text("setup.cfg")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Wanted(notes=("tox: the configuration could not be read",))
    if not parser.has_section("testenv"):
        return Wanted()
    section = dict(parser.items("testenv"))
    lines = [_line(line, python) for line in _expand(parser, section.get("deps", ""), 0).splitlines()]
    wanted = read_lines(files, "\n".join(filter(None, lines)), "tox")
    notes = ("tox: commands_pre is not run; name it under [environment] setup if tests need it",)
    return wanted + Wanted(
        extras=_names(section.get("extras", ""), python),
        groups=_names(section.get("dependency_groups", ""), python),
        notes=notes if section.get("commands_pre", "").strip() else (),
    )


def tox_pythons(files: Files, pyproject: Mapping[str, object]) -> tuple[str, ...]:
    """Return the minor versions that tox's list of environments names."""
    tool = mapping(mapping(pyproject.get("tool")).get("tox"))
    listed = [*strings(tool.get("env_list")), *strings(_toml(files.text("tox.toml")).get("env_list"))]
    text = "\n".join((files.text("tox.ini"), _legacy(tool)))
    if match := re.search(r"^env_?list\s*=(.*(?:\n[ \t]+.*)*)", text, re.MULTILINE):
        listed.append(match[1])
    joined = _BRACES.sub(
        lambda found: ",".join(found[1] + one for one in found[2].split(",")), " ".join(listed)
    )
    return tuple(dict.fromkeys(f"3.{number}" for number in _PYTHON.findall(joined)))


def _native(files: Files, table: Mapping[str, object]) -> Wanted:
    wanted = read_lines(files, "\n".join(strings(table.get("deps"))), "tox")
    return wanted + Wanted(
        extras=strings(table.get("extras")), groups=strings(table.get("dependency_groups"))
    )


def _toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _legacy(tool: Mapping[str, object]) -> str:
    text = tool.get("legacy_tox_ini")
    return text if isinstance(text, str) else ""


def _expand(parser: configparser.ConfigParser, text: str, depth: int) -> str:
    def replace(match: re.Match[str]) -> str:
        return _expand(parser, parser.get(match[1], match[2], fallback=""), depth + 1)

    return _REFERENCE.sub(replace, text) if depth < _DEEPEST else ""


def _line(line: str, python: str) -> str:
    text = _VARIABLE.sub("", line.strip())
    factors = _FACTORS.match(text)
    if factors is None:
        return "" if "{" in text else text
    return factors[2] if _applies(factors[1], python) and "{" not in factors[2] else ""


def _applies(condition: str, python: str) -> bool:
    ours = {f"py{python.replace('.', '')}", f"py{python}", python, "py", "py3"}
    alternatives = re.sub(r"[{}]", "", condition).split(",")
    return any(all(factor in ours for factor in one.split("-")) for one in alternatives)


def _names(text: str, python: str) -> tuple[str, ...]:
    lines = (_line(part, python) for line in text.splitlines() for part in line.split(","))
    return tuple(line for line in lines if line)
