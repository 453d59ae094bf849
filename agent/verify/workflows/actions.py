"""Steps that use an action: what each means for a sandbox."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VERSION = re.compile(r"(3\.\d{1,2})(?:\.\d{1,2})?")
_OURS = {
    "actions/checkout",
    "astral-sh/setup-uv",
    "hynek/setup-cached-uv",
    "yezz123/setup-uv",
    "snok/install-poetry",
    "abatilo/actions-poetry",
    "pdm-project/setup-pdm",
    "pypa/hatch",
    "wntrblm/nox",
}
"""The tree is there, and the environment has what these bring."""
_PYTHONS = {
    "actions/setup-python",
    "astral-sh/setup-uv",
    "pdm-project/setup-pdm",
    "conda-incubator/setup-miniconda",
}
_NO_EFFECT = re.compile(
    r"actions/(?:cache|upload-artifact|attest|labeler|stale|github-script)(?:/.*)?|actions/(?:cache|.*)-save"
    r"|codecov/.*|coverallsapp/.*|codacy/.*|step-security/harden-runner|github/codeql-action/.*"
    r"|dorny/test-reporter|mikepenz/.*|pre-commit/action-cache|taiki-e/install-action|.*/cache"
)
_CONDA = re.compile(r"(?:mamba-org|conda-incubator|prefix-dev)/.*")
_LANGUAGE = re.compile(
    r"actions/setup-(?:node|java|go|dotnet|ruby)|ruby/setup-ruby|.*rust-toolchain|actions-rs/.*|.*setup-rust.*"
    r"|erlef/.*|shivammathur/.*|julia-actions/.*|r-lib/.*|oven-sh/.*|pnpm/.*|swatinem/rust-cache"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a step that uses an action comes to; `lost` says in one sentence what is not here."""

    python: str = ""
    lost: str = ""
    elsewhere: bool = False
    """The steps after it work on another repository."""
    files: bool = False
    """The steps after it have files that are not here."""


def meaning(uses: str, inputs: Mapping[str, str], repository: str) -> Meaning:
    """Return what an action means for a sandbox; its inputs have no expressions any more."""
    name = uses.partition("@")[0].strip().lower().removesuffix("/")
    if name == "actions/checkout":
        return _checkout(inputs, repository)
    if name in _PYTHONS:
        return _python(inputs.get("python-version", ""))
    if name in _OURS or _NO_EFFECT.fullmatch(name):
        return Meaning()
    if _CONDA.fullmatch(name):
        return Meaning(lost="packages come from the environment that Ratchet builds, not from conda")
    if _LANGUAGE.fullmatch(name):
        return Meaning(lost="another language is set up, which the sandbox does not have")
    if name == "actions/download-artifact":
        return Meaning(lost="files of other jobs are not fetched", files=True)
    return Meaning(lost="this action is not run here")


def _checkout(inputs: Mapping[str, str], repository: str) -> Meaning:
    other = inputs.get("repository", "").lower() not in ("", repository.lower())
    if other and not inputs.get("path", ""):
        return Meaning(lost="another repository is checked out", elsewhere=True)
    if other or inputs.get("ref"):
        return Meaning(lost="only the commit of the run itself is checked out here")
    if inputs.get("path", ".").strip("./") or inputs.get("submodules", "false") not in ("", "false"):
        return Meaning(lost="the tree lies at the root here, without submodules")
    return Meaning()


def _python(stated: str) -> Meaning:
    version = stated.strip().splitlines()[0].strip() if stated.strip() else ""
    if not version or version in ("3", "3.x") or version[0] in "<>=~^":
        return Meaning()
    known = minor_of(version)
    return (
        Meaning(python=known) if known else Meaning(lost="this Python is not one that the sandbox can have")
    )


def minor_of(version: str) -> str:
    """Return `3.12` of `3.12.1`, "" of what is no version of CPython."""
    match = _VERSION.fullmatch(version)
    return match[1] if match else ""
