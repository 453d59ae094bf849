"""What must not be shown in a task wherever it turns up: keys of models, and the repository's own secrets."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from agent.models.faults import ModelFault
from agent.models.keys import find_key
from agent.protocol.model import ModelProfile
from agent.repo.store import Store
from agent.repo.tree import Entry
from agent.untrusted.assignments import is_settings
from agent.untrusted.harvest import harvest

_FILES = 200
_LARGEST = 64 * 1024
_MOST = 48
"""Values; each costs time on every text."""
_KEY_FILES = (".pem", ".key", ".p8", ".ppk")
_KEY_NAMES = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519")


def keys_of(models: Iterable[ModelProfile]) -> Iterator[str]:
    """Yield the keys of models that can be found; a model without one says so when it is asked."""
    for one in models:
        with suppress(ModelFault):
            yield from filter(None, (find_key(one),))


def secrets_of(store: Store, trees: Iterable[str]) -> tuple[str, ...]:
    """Return secrets that lie in settings and key files of trees, each once, up to a bound."""
    blobs = {entry.blob: path for tree in trees for path, entry in _files(store, tree)}
    contents = store.read_blobs(blobs)
    found = (
        value
        for blob, path in blobs.items()
        if len(contents[blob]) <= _LARGEST
        for value in harvest(contents[blob].decode("utf-8", "replace"), path)
    )
    return tuple(dict.fromkeys(found))[:_MOST]


def _files(store: Store, tree: str) -> list[tuple[str, Entry]]:
    entries = store.list(tree).items()
    chosen = [(path, entry) for path, entry in entries if entry.is_file and _may_hold(path)]
    return sorted(chosen, key=lambda one: _rank(one[0]))[:_FILES]


def _may_hold(path: str) -> bool:
    return is_settings(path) or _is_key(path)


def _is_key(path: str) -> bool:
    name = PurePosixPath(path)
    return name.suffix in _KEY_FILES or name.name in _KEY_NAMES


def _rank(path: str) -> tuple[bool, int, str]:
    """Return what comes first where there is much: what is made for secrets, then what lies high up."""
    made_for_it = _is_key(path) or PurePosixPath(path).name.startswith(".env")
    return not made_for_it, path.count("/"), path
