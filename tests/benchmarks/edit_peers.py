"""Modules of the peers' names over our own parsers, so that their tests run as they are written."""

import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from agent.patches.block import Block, text_block
from agent.patches.formats import read_edits
from agent.patches.intent import CreateFile, Intent, ReplaceText, WholeFile
from agent.patches.line_diff import common_runs
from agent.patches.refusal import Refusal
from agent.patches.resolve import resolve
from agent.patches.splice import apply_splices
from agent.protocol.edit import Create, Edit, Splice
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat


class Outcome(Enum):
    """How a case came out, compared with what the peer's own test expects."""

    SAME = "same"
    BETTER = "better"
    """The peer refuses, and what was meant was written; proven by the file's text."""
    REFUSED = "refused"
    WRONG = "wrong"
    EXCLUDED = "excluded"


class Said(str):
    """Our words, which hold any of a peer's: the wording of errors is not compared."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return True


class Refused(ValueError):
    """Our parsers or the resolving refused; nothing was written."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said

    def __str__(self) -> str:
        return Said(self.said)


_refusals: list[str] = []


def apply_text(
    format: EditFormat, text: str, root: Path, bare_new_files: bool = False, known: Sequence[str] = ()
) -> list[str]:
    """Make the edits of a text under a directory; return the paths; raises Refused.

    `known` are files given by absolute path, which the text calls by their last name.
    """
    places = {Path(path).name: Path(path) for path in known}

    def file(path: str) -> Path:
        return places.get(path, root / path)

    def read(path: str) -> bytes | None:
        return file(path).read_bytes() if file(path).is_file() else None

    edits = _resolved(_read(format, text), read)
    for edit in edits:
        if not isinstance(edit, Splice):
            _put(file(edit.path), edit, bare_new_files)
    for path in {edit.path for edit in edits if isinstance(edit, Splice)}:
        splices = [edit for edit in edits if isinstance(edit, Splice) and edit.path == path]
        file(path).write_bytes(apply_splices(file(path).read_bytes(), splices))
    return [edit.path for edit in edits]


def run_python_test(file: Path, name: str, meant: tuple[str, str] | None = None) -> tuple[Outcome, str]:
    """Run one test of a peer over our modules, in an empty directory.

    `meant` is (file, text) for a case that the peer refuses though it is clear.
    """
    _refusals.clear()
    with tempfile.TemporaryDirectory() as directory, _peers_modules(), contextlib.chdir(directory):
        module = _loaded(file)
        quiet = io.StringIO()
        try:
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
                _called(module, name, Path(directory))
        except (AssertionError, Refused, FileNotFoundError, IndexError, TypeError) as error:
            if _refusals:
                return Outcome.REFUSED, _refusals[-1].splitlines()[-1]
            if meant and Path(meant[0]).read_text(encoding="utf-8") == meant[1]:
                return Outcome.BETTER, "applied as it was meant; the peer refuses"
            return Outcome.WRONG, f"{type(error).__name__}: {str(error).splitlines()[:1]}"
    return Outcome.SAME, ""


def _called(module: ModuleType, name: str, directory: Path) -> None:
    for case in vars(module).values():
        if isinstance(case, type) and issubclass(case, unittest.TestCase) and hasattr(case, name):
            test = case(name)
            test.setUp()
            try:
                getattr(test, name)()
            finally:
                test.tearDown()
            return
    getattr(module, name)(directory)


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("peer_test", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(format: EditFormat, text: str) -> tuple[Intent, ...]:
    try:
        return read_edits(format, text)
    except PatchRefused as refusal:
        raise _noted(refusal.message) from refusal


def _resolved(intents: Sequence[Intent], read: Callable[[str], bytes | None]) -> tuple[Edit, ...]:
    edits = resolve(intents, read)
    if isinstance(edits, Refusal):
        raise _noted("; ".join(miss.message for miss in edits.misses))
    return edits


def _noted(said: str) -> Refused:
    _refusals.append(said)
    return Refused(said)


def _put(file: Path, edit: Edit, bare: bool) -> None:
    if isinstance(edit, Create):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edit.content.removesuffix(b"\n") if bare else edit.content)
    else:
        file.unlink()


@contextlib.contextmanager
def _peers_modules() -> Iterator[None]:
    modules = _aider() | _openhands()
    hidden = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in hidden.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _module(name: str, **names: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    module.__path__ = []
    return module


def _aider() -> dict[str, ModuleType]:
    blocks = _module(
        "aider.coders.editblock_coder",
        find_original_update_blocks=_aider_blocks,
        replace_most_similar_chunk=_aider_replace,
        find_filename=_aider_path,
        strip_quoted_wrapping=_aider_unwrap,
    )
    whole = _module("aider.coders.wholefile_coder", WholeFileCoder=_whole_coder)
    coders = _module("aider.coders", Coder=SimpleNamespace(create=_coder), editblock_coder=blocks)
    found = [
        *(_module("aider"), coders, blocks, whole),
        _module("aider.coders.udiff_coder", find_diffs=_aider_diffs),
        _module("aider.dump", dump=lambda *values: None),
        _module("aider.io", InputOutput=lambda **options: SimpleNamespace(**options)),
        _module("aider.models", Model=lambda name: name),
        _module("aider.utils", ChdirTemporaryDirectory=_ChdirTemporary),
    ]
    return {module.__name__: module for module in found}


class _ChdirTemporary(tempfile.TemporaryDirectory[str]):
    def __enter__(self) -> str:
        self.back = Path.cwd()
        os.chdir(self.name)
        return self.name

    def __exit__(self, *caught: object) -> None:
        os.chdir(self.back)
        self.cleanup()


def _lines(block: Block) -> str:
    return "".join(f"{text}\n" for text in block.texts)


def _aider_blocks(text: str, fence: object = None, valid_fnames: object = None) -> list[tuple[str, str, str]]:
    found = _read(EditFormat.SEARCH_REPLACE, text)
    return [(i.path, _lines(i.search), _lines(i.replace)) for i in found if isinstance(i, ReplaceText)]


def _aider_replace(whole: str, part: str, replace: str) -> str:
    intent = ReplaceText("file", text_block(part), text_block(replace))
    edits = _resolved([intent], {"file": whole.encode()}.get)
    return apply_splices(whole.encode(), [edit for edit in edits if isinstance(edit, Splice)]).decode()


def _aider_path(lines: list[str], fence: object, valid: list[str]) -> str:
    text = "\n".join([*lines, "<<<<<<< SEARCH", "a", "=======", "b", ">>>>>>> REPLACE"])
    path = _read(EditFormat.SEARCH_REPLACE, text)[0].path
    if path not in valid:
        # The edit itself would find no such file.
        _refusals.append(f"{path} is no known file")
    return path


def _aider_unwrap(text: str, name: str = "") -> str:
    intent = _read(EditFormat.WHOLE_FILE, text)[0]
    assert isinstance(intent, WholeFile)
    return _lines(intent.content)


def _aider_diffs(text: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for intent in _read(EditFormat.UNIFIED_DIFF, text):
        if isinstance(intent, ReplaceText):
            found.append((intent.path, _signed(intent.search.texts, intent.replace.texts)))
        elif isinstance(intent, CreateFile):
            found.append((intent.path, _signed((), intent.content.texts)))
    return found


def _signed(old: Sequence[str], new: Sequence[str]) -> list[str]:
    signed: list[str] = []
    a = b = 0
    for first, second, length in [*common_runs(old, new), (len(old), len(new), 0)]:
        signed += [f"-{text}\n" for text in old[a:first]] + [f"+{text}\n" for text in new[b:second]]
        signed += [f" {text}\n" for text in old[first : first + length]]
        a, b = first + length, second + length
    return signed


def _whole_coder(main_model: object, io: Any, fnames: Sequence[object] = ()) -> "_Coder":
    return _Coder(EditFormat.WHOLE_FILE, io, fnames)


def _coder(
    model: object, format: str, io: Any = None, fnames: Sequence[object] = (), **options: object
) -> "_Coder":
    formats = {"diff": EditFormat.SEARCH_REPLACE, "whole": EditFormat.WHOLE_FILE}
    return _Coder(formats[format], io, fnames)


class _Coder:
    """What the peer's tests ask of its coder."""

    fence = ("````", "````")
    send: Callable[[], object]

    def __init__(self, format: EditFormat, io: Any, fnames: Sequence[object]) -> None:
        self.format = format
        self.dry_run = getattr(io, "dry_run", False)
        self.fnames = [str(name) for name in fnames]
        self.partial_response_content = ""

    def choose_fence(self) -> None:
        """Keep the longer fence, which is always right."""

    def run(self, with_message: str) -> None:
        self.send()
        with contextlib.suppress(Refused):
            self.apply_updates()

    def render_incremental_response(self, final: bool) -> None:
        with contextlib.suppress(Refused):
            _read(self.format, self.partial_response_content)

    def apply_updates(self) -> set[str]:
        if self.dry_run:
            _read(self.format, self.partial_response_content)
            return set()
        known = [name for name in self.fnames if Path(name).is_absolute()]
        return {*apply_text(self.format, self.partial_response_content, Path.cwd(), known=known)}


def _openhands() -> dict[str, ModuleType]:
    definition = _module(
        "openhands.tools.apply_patch.definition",
        ApplyPatchAction=lambda patch: patch,
        ApplyPatchExecutor=_openhands_executor,
    )
    names = ("openhands", "openhands.tools", "openhands.tools.apply_patch")
    return {name: _module(name) for name in names} | {definition.__name__: definition}


def _openhands_executor(workspace_root: str) -> Callable[[str], SimpleNamespace]:
    def run(patch: str) -> SimpleNamespace:
        try:
            apply_text(EditFormat.V4A, patch, Path(workspace_root), bare_new_files=True)
        except Refused as refusal:
            return SimpleNamespace(is_error=True, text=str(refusal), fuzz=0)
        return SimpleNamespace(is_error=False, text=Said(""), fuzz=1)

    return run
