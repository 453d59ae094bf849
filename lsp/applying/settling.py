"""What is there after a patch was applied, beside what was verified."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lsp.applying.held import Buffer, Held, hold
from lsp.applying.plan import Change
from lsp.text.document import Encoding
from lsp.text.documents import Documents

PATIENCE = 2.0
"""Seconds in which an editor tells of its own edits: Neovim saves them up for 150 ms."""


async def settle(documents: Documents, changes: Iterable[Change]) -> None:
    """Wait until the editor has told of its edits to open documents, or took too long for it."""
    waiting = [one for one in changes if one.held.version is not None and one.edits]
    told = asyncio.Event()
    stop = documents.listen(lambda _: told.set())
    try:
        async with asyncio.timeout(PATIENCE):
            while not all(_is_told(documents, one) for one in waiting):
                told.clear()
                await told.wait()
    except TimeoutError:
        # What it then has is compared like anything else.
        return
    finally:
        stop()


def _is_told(documents: Documents, change: Change) -> bool:
    document = documents.get(change.held.uri)
    if document is None:
        return True
    return document.version != change.held.version and document.text == change.content


def results(root: Path, changes: Sequence[Change], open_: Mapping[Path, Buffer]) -> dict[str, str | None]:
    """Return what each file will hold once it is saved, None for no file; reads the disk.

    What cannot be known is not in it. An editor can keep edits in buffers that it does not tell of: then it
    has what it was sent.
    """
    found: dict[str, str | None] = {}
    for one in changes:
        now = hold(root, one.held.path, open_, one.held.encoding)
        if now.fault:
            continue
        untouched = now.disk == one.held.disk or (one.creates and now.disk == "")
        silent = now.version is None and untouched and not one.deletes
        found[one.held.path] = replace(one.held, text=one.content).saved if silent else now.saved
    return found


def differing(root: Path, open_: Mapping[Path, Buffer], but: Collection[str]) -> list[str]:
    """Return the other files of a repository that are open and maybe not as on the disk; reads the disk."""
    top = root.resolve()
    lost = {one.path for one in open_.values() if one.desynced and top in one.path.parents}
    names = {one.path for one in unsaved(root, open_)} | {one.relative_to(top).as_posix() for one in lost}
    return sorted(names - set(but))


def unsaved(root: Path, open_: Mapping[Path, Buffer]) -> list[Held]:
    """Return the open documents of a repository that are other than their files; reads the disk."""
    top = root.resolve()
    inside = sorted(
        (path.relative_to(top).as_posix(), one) for path, one in open_.items() if top in path.parents
    )
    found = [hold(root, path, {one.path: one}, Encoding.UTF16) for path, one in inside]
    return [one for one in found if one.unsaved and not one.fault]
