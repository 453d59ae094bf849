"""Which names a request may call this daemon by, so that no web page can reach it under its own."""

import ipaddress
import platform
from collections.abc import Collection

from agent.daemon.errors import NotAllowed, WrongHost


class Hosts:
    """The names of one TCP listener.

    Addresses are always fine: DNS rebinding needs a name that the attacker controls.
    """

    def __init__(self, listen: str, further: Collection[str] = ()) -> None:
        self._names = {name.lower() for name in (listen, "localhost", platform.node(), *further)}

    def check_host(self, host: str | None) -> None:
        """Raise WrongHost when a request meant somebody else."""
        if host is None or not self._is_ours(host):
            raise WrongHost(f"this daemon is not {host!r}", hint="name it with --allow-host")

    def check_origin(self, origin: str | None, host: str | None) -> None:
        """Raise NotAllowed when a web page asks that did not come from this daemon itself."""
        if origin is not None and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
            raise NotAllowed(f"pages of {origin!r} may not use this daemon")

    def _is_ours(self, host: str) -> bool:
        name = _without_port(host).lower().rstrip(".")
        return name in self._names or _is_address(name)


def refuse_pages(origin: str | None) -> None:
    """Raise NotAllowed for any web page: none has business on the Unix socket."""
    if origin is not None:
        raise NotAllowed("web pages may not use the Unix socket")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
