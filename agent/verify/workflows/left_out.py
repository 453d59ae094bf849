"""Commands with no place in the sandbox: its environment stands for them, or they need the network."""

from collections.abc import Sequence

from agent.verify.workflows.shell_lines import is_assignment, words

_INSTALLERS = {
    "pip": None,
    "pip3": None,
    "pipx": {"install", "ensurepath", "upgrade"},
    "uv": {"sync", "lock", "venv", "pip", "python", "self", "cache", "tool", "export", "add"},
    "poetry": {"install", "config", "lock", "env", "update", "self", "check", "sync", "cache", "show"},
    "pdm": {"install", "sync", "lock", "use", "config", "venv"},
    "hatch": {"env", "config", "python", "dep"},
    "pipenv": {"install", "sync", "lock", "update"},
    "conda": None,
    "mamba": None,
    "micromamba": None,
    "virtualenv": None,
    "apt": None,
    "apt-get": None,
    "apk": None,
    "yum": None,
    "dnf": None,
    "brew": None,
    "choco": None,
    "easy_install": None,
}
_MODULES = {"pip", "venv", "virtualenv", "ensurepip", "pipx", "uv", "poetry"}
_FETCHERS = {
    "curl": None,
    "wget": None,
    "gh": None,
    "docker": None,
    "npm": {"install", "ci", "i"},
    "yarn": {"install"},
    "pnpm": {"install"},
    "git": {"fetch", "clone", "pull", "submodule", "config", "lfs", "push"},
    "pre-commit": {"install", "install-hooks"},
    "playwright": {"install", "install-deps"},
    "rustup": None,
    "aws": None,
    "gcloud": None,
    "codecov": None,
    "coveralls": None,
}
_PREFIXES = {"sudo", "time", "command", "exec", "env", "nice"}
_SCRIPTS = ("bin/activate", "Scripts/activate")


def installs(command: str) -> bool:
    """Say whether a command only prepares what the environment already holds."""
    told = _told(command)
    if not told:
        return False
    if told[0] in (".", "source"):
        return len(told) > 1 and told[1].endswith(_SCRIPTS)
    if is_python(told[0]) and len(told) > 2 and told[1] == "-m":
        if told[2] not in _MODULES:
            return False
        told = [told[2], *told[3:]] if told[2] in _INSTALLERS else ["pip"]
    return _listed(told, _INSTALLERS) and not runs_a_tool(told)


def fetches(command: str) -> bool:
    """Say whether a command needs the network, or a service."""
    return _listed(_told(command), _FETCHERS)


def is_python(name: str) -> bool:
    """Say whether a word is a Python interpreter."""
    return name.rpartition("/")[2].rstrip("0123456789.") == "python"


def runs_a_tool(told: Sequence[str]) -> bool:
    """Say whether a command of an installer runs a program instead, as `uv tool run`."""
    return list(told[:3]) == ["uv", "tool", "run"]


def _told(command: str) -> list[str]:
    listed = [word.text for word in words(command) if not is_assignment(word)]
    while listed and (listed[0] in _PREFIXES or (listed[0].startswith("-") and len(listed) > 1)):
        listed = listed[1:]
    return listed


def _listed(told: Sequence[str], table: dict[str, set[str] | None]) -> bool:
    if not told:
        return False
    name = told[0].rpartition("/")[2]
    if name not in table:
        return False
    verbs = table[name]
    asked = next((word for word in told[1:] if not word.startswith("-")), "")
    return verbs is None or asked in verbs
