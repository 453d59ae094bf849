"""The version a commit has, from its tags, as setuptools-scm would name it."""

import re

from packaging.version import InvalidVersion, Version

from agent.repo.git import Git

_DESCRIBED = re.compile(r"^(?P<tag>.+)-(?P<distance>\d+)-g(?P<commit>[0-9a-f]+)$")
_TAG = re.compile(r"^(?:[\w.-]+?[-_/])?[vV]?(?P<version>\d.*)$")
_LAST_NUMBER = re.compile(r"^(.*?)(\d+)$")


def describe(git: Git, commit: str) -> str:
    """Return a PEP 440 version of a commit, empty when no tag leads to one."""
    arguments = ("--tags", "--long", "--abbrev=9", "--match=*[0-9]*", commit)
    code, out = git.outcome("describe", *arguments, ok=(0, 128))
    return version_of(out.decode("utf-8", "replace").strip()) if code == 0 else ""


def version_of(described: str) -> str:
    """Return the version that `git describe --long` output stands for, empty when it is none."""
    match = _DESCRIBED.match(described)
    version = _tag_version(match["tag"]) if match else None
    if match is None or version is None:
        return ""
    distance = int(match["distance"])
    if distance == 0:
        return str(version)
    return f"{_next(version)}.dev{distance}+g{match['commit']}"


def _tag_version(tag: str) -> Version | None:
    match = _TAG.match(tag)
    try:
        return Version(match["version"]) if match else None
    except InvalidVersion:
        return None


def _next(version: Version) -> str:
    released = str(version).split("+")[0].split(".dev")[0]
    if version.is_devrelease:
        return released
    match = _LAST_NUMBER.match(released)
    return f"{match[1]}{int(match[2]) + 1}" if match else released
