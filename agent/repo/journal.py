"""What `--apply` wrote over, kept so that `undo` can bring it back."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.protocol.errors import DeliveryRefused
from agent.repo.checkout import Content
from agent.repo.store import Store
from agent.repo.tree import write_blob


@dataclass(frozen=True, slots=True)
class Replacement:
    """One file of the working tree: what was there, what we put there."""

    path: str
    before: Content | None
    after: Content | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One `--apply`, and the file that remembers it."""

    file: Path
    task_id: str
    replacements: tuple[Replacement, ...]


def record(store: Store, task_id: str, replacements: tuple[Replacement, ...]) -> Path:
    """Write the journal entry to disk before any file is touched; returns its path."""
    directory = _directory(store)
    directory.mkdir(exist_ok=True, mode=0o700)
    number = max((int(file.stem) for file in directory.glob("*.json")), default=0) + 1
    files = [
        {"path": item.path, "before": _saved(store, item.before), "after": _saved(store, item.after)}
        for item in replacements
    ]
    path = directory / f"{number:06}.json"
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"task_id": task_id, "files": files}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def last(store: Store) -> Entry:
    """Return the latest entry; raises DeliveryRefused when nothing was applied here."""
    files = sorted(_directory(store).glob("*.json"))
    if not files:
        raise DeliveryRefused(
            "nothing to undo: no patch was applied here", hint="see `git log` and `git stash`"
        )
    return _read(store, files[-1])


def of_task(store: Store, task_id: str) -> Entry | None:
    """Return the latest entry of a task, None when it applied nothing or that was undone."""
    for file in sorted(_directory(store).glob("*.json"), reverse=True):
        entry = _read(store, file)
        if entry.task_id == task_id:
            return entry
    return None


def _read(store: Store, file: Path) -> Entry:
    data = json.loads(file.read_text(encoding="utf-8"))
    replacements = tuple(
        Replacement(item["path"], _loaded(store, item["before"]), _loaded(store, item["after"]))
        for item in data["files"]
    )
    return Entry(file, data["task_id"], replacements)


def _directory(store: Store) -> Path:
    return store.objects.home / "applied"


def _saved(store: Store, content: Content | None) -> dict[str, Any] | None:
    if content is None:
        return None
    return {"blob": write_blob(store.objects.ours, content.data), "mode": content.mode}


def _loaded(store: Store, saved: dict[str, Any] | None) -> Content | None:
    if saved is None:
        return None
    return Content(store.read_blobs([saved["blob"]])[saved["blob"]], saved["mode"])
