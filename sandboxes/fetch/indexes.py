"""The user's own package indexes and credentials, as uv's environment; nothing of it reaches a sandbox."""

import configparser
import os
import re
from base64 import b64encode
from collections.abc import Mapping
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PASSED = ("HOME", "PATH", "LANG", "NETRC", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CONFIG_HOME")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PREFIXES = ("UV_", "XDG_CACHE")
_UNWANTED = ("UV_PYTHON", "UV_PROJECT", "UV_NO_BINARY", "UV_NO_BUILD", "UV_WORKING", "UV_CONSTRAINT")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_PIP_OPTIONS = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert", "no-index")


def uv_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment uv runs in: what it needs of the host's, and pip's index settings.

    uv does not read pip's configuration, in which most users name their private indexes. Where
    they come from there, pip's rule (the best version of all indexes) is kept too.
    """
    kept = {name: value for name, value in environ.items() if _wanted(name)}
    kept["UV_PYTHON_DOWNLOADS"] = "never"
    pip = _pip_settings(environ)
    if certificates := pip.get("cert") or environ.get("REQUESTS_CA_BUNDLE"):
        kept.setdefault("SSL_CERT_FILE", certificates)
    if not _chosen_for_uv(kept):
        kept.update(_translated(pip))
    return kept


def redacted(text: str) -> str:
    """Return a text with the credentials of every address in it blanked."""
    return _CREDENTIALS.sub("***@", text)


def authorization(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the Authorization header that the user's settings give for an address, or None."""
    wanted = urlsplit(url)
    for candidate in (url, *_index_urls(environment)):
        parts = urlsplit(candidate)
        same = (parts.scheme, parts.hostname, parts.port) == (wanted.scheme, wanted.hostname, wanted.port)
        if same and parts.username:
            return _basic(unquote(parts.username), unquote(parts.password or ""))
    return _from_netrc(wanted.hostname or "", environment)


def _wanted(name: str) -> bool:
    if name.startswith(_UNWANTED):
        return False
    return name in _PASSED or name.upper() in _PROXIES or name.startswith(_PREFIXES)


def _chosen_for_uv(environment: Mapping[str, str]) -> bool:
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX")) for name in environment):
        return True
    config = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    return any("index" in _text(path) for path in (config / "uv/uv.toml", Path("/etc/uv/uv.toml")))


def _translated(pip: Mapping[str, str]) -> dict[str, str]:
    found = {}
    if index := pip.get("index-url"):
        found["UV_DEFAULT_INDEX"] = index.strip()
    if extra := pip.get("extra-index-url"):
        found["UV_EXTRA_INDEX_URL"] = " ".join(extra.split())
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if links := pip.get("find-links"):
        found["UV_FIND_LINKS"] = ",".join(links.split())
    if trusted := pip.get("trusted-host"):
        found["UV_INSECURE_HOST"] = " ".join(trusted.split())
    if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        found["UV_NO_INDEX"] = "1"
    return found


def _pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _pip_files(environ):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(_text(path))
        except configparser.Error:
            continue
        for section in ("global", "install", "download"):
            if parser.has_section(section):
                found.update({k: v for k, v in parser.items(section) if k in _PIP_OPTIONS})
    for option in _PIP_OPTIONS:
        if value := environ.get("PIP_" + option.upper().replace("-", "_")):
            found[option] = value
    return found


def _pip_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    home = Path(environ.get("HOME", "/"))
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return ()
    usual = (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))
    user = (home / ".pip/pip.conf", config / "pip/pip.conf")
    return (*usual, *user, *((Path(chosen),) if chosen else ()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _index_urls(environment: Mapping[str, str]) -> list[str]:
    names = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
    words = " ".join(environment.get(name, "") for name in names).replace(",", " ").split()
    # `UV_INDEX` allows NAME=URL.
    return [re.sub(r"^[A-Za-z0-9_.-]+=(?=\w+://)", "", word) for word in words]


def _from_netrc(host: str, environment: Mapping[str, str]) -> str | None:
    path = Path(environment.get("NETRC") or Path(environment.get("HOME", "/")) / ".netrc")
    try:
        found = netrc(str(path)).authenticators(host)
    except (OSError, NetrcParseError):
        return None
    return _basic(found[0], found[2] or "") if found else None


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
