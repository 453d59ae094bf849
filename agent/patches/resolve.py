"""From what a text asks for to edits on the bytes of a tree: all of them, or none and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.patches.anchor import Place, find_places
from agent.patches.block import Block
from agent.patches.document import BOM, Document, Line, read_document, splices_between
from agent.patches.elision import elided_line, stands_for_lines
from agent.patches.intent import (
    CreateFile,
    DeleteFile,
    Intent,
    MoveFile,
    ReplaceSymbol,
    ReplaceText,
    WholeFile,
)
from agent.patches.paths import path_fault
from agent.patches.place import chosen_place
from agent.patches.refusal import Fault, Miss, Reason, Refusal
from agent.patches.replace import replaced
from agent.patches.symbol import symbol_replaced
from agent.protocol.edit import Create, Delete, Edit

Read = Callable[[str], bytes | None]
"""The bytes of a file of the tree; None when it has no such file."""
Spans = Callable[[str, bytes, str], Sequence[tuple[int, int]]]
"""(path, content, qualified name) -> the byte spans of all definitions of that name, decorators included."""


def resolve(
    intents: Sequence[Intent],
    read: Read,
    spans: Spans | None = None,
    executable: Callable[[str], bool] | None = None,
) -> tuple[Edit, ...] | Refusal:
    """Return edits that fit the tree which `read` shows, or a refusal that names each one which does not.

    Edits to one file build on one another. Nothing is read or written but through `read`.
    """
    work = _Work(read, spans or _no_spans, executable or _never)
    misses: list[Miss] = []
    for number, intent in enumerate(intents, 1):
        if fault := work.take(intent):
            misses.append(fault.miss(number, intent.path))
    if misses:
        return Refusal(tuple(misses), len(intents))
    edits = work.edits()
    if not edits:
        path = intents[0].path if intents else ""
        miss = Miss(1, path, Reason.UNCHANGED, "the file has this text already")
        return Refusal((miss,), len(intents))
    return edits


def _no_spans(path: str, content: bytes, symbol: str) -> Sequence[tuple[int, int]]:
    return ()


def _never(path: str) -> bool:
    return False


@dataclass(slots=True)
class _Work:
    """The tree as the edits so far have made it."""

    read: Read
    spans: Spans
    executable: Callable[[str], bool]
    before: dict[str, Document | None] = field(default_factory=dict)
    now: dict[str, Document | None] = field(default_factory=dict)
    floors: dict[str, int] = field(default_factory=dict)
    runnable: set[str] = field(default_factory=set)

    def take(self, intent: Intent) -> Fault | None:
        """Make one edit in memory; return what is wrong with it."""
        if wrong := self._path_fault(intent):
            return wrong
        match intent:
            case ReplaceText():
                return self._replace(intent)
            case CreateFile():
                return self._create(intent)
            case DeleteFile():
                return self._delete(intent)
            case MoveFile():
                return self._move(intent)
            case WholeFile():
                return self._put(intent.path, self._whole(intent))
            case ReplaceSymbol():
                return self._symbol(intent)

    def edits(self) -> tuple[Edit, ...]:
        """Return what all edits come to."""
        found: list[Edit] = []
        for path, after in self.now.items():
            before = self.before[path]
            if before is None and after is not None:
                run = path in self.runnable
                found.append(Create(path=path, content=after.content, executable=run))
            elif before is not None and after is None:
                found.append(Delete(path=path, old=before.content))
            elif before is not None and after is not None:
                found += splices_between(path, before, after)
        return tuple(found)

    def _path_fault(self, intent: Intent) -> Fault | None:
        paths = [intent.path, intent.to] if isinstance(intent, MoveFile) else [intent.path]
        for path in paths:
            if fault := path_fault(path):
                return Fault(Reason.PATH, f"{path!r} cannot be edited: {fault}")
        return None

    def _document(self, path: str) -> Document | None:
        if path not in self.now:
            content = self.read(path)
            self.before[path] = self.now[path] = None if content is None else read_document(content)
        return self.now[path]

    def _put(self, path: str, made: Document | Fault) -> Fault | None:
        if isinstance(made, Fault):
            return made
        self.now[path] = made
        return None

    def _replace(self, intent: ReplaceText) -> Fault | None:
        document = self._document(intent.path)
        if document is None or not document.lines:
            return self._fill(intent, document)
        if fault := _elision(intent.path, intent.replace, document, intent.search):
            return fault
        floor = self.floors.get(intent.path, 0) if intent.where.ordered else 0
        place = chosen_place(document, intent.search, intent.replace, intent.where, floor)
        if isinstance(place, Fault):
            return place
        made = replaced(document, place, intent.search, intent.replace)
        if isinstance(made, Document):
            self.floors[intent.path] = place.end + len(made.lines) - len(document.lines)
        return self._put(intent.path, made)

    def _fill(self, intent: ReplaceText, document: Document | None) -> Fault | None:
        if any(text.strip() for text in intent.search.texts):
            what = "there is no such file" if document is None else "the file is empty"
            return Fault(Reason.NO_FILE, f"{what}; check the path, or leave the searched text empty")
        return self._create(CreateFile(intent.path, intent.replace))

    def _create(self, intent: CreateFile) -> Fault | None:
        present = self._document(intent.path)
        if present is not None and present.lines:
            return Fault(Reason.EXISTS, "the file exists already; edit it", present.texts, (0, 1))
        if parent := self._parent_file(intent.path):
            return Fault(Reason.PATH, f"{parent} is a file, not a directory")
        if elided := elided_line(intent.content.texts, (), intent.path):
            return _left_out(elided)
        if intent.executable:
            self.runnable.add(intent.path)
        return self._put(intent.path, _fresh(intent.content))

    def _parent_file(self, path: str) -> str:
        parts = path.split("/")
        parents = ("/".join(parts[:length]) for length in range(1, len(parts)))
        return next((parent for parent in parents if self._document(parent) is not None), "")

    def _delete(self, intent: DeleteFile) -> Fault | None:
        document = self._document(intent.path)
        if document is None:
            return Fault(Reason.NO_FILE, "there is no such file")
        if intent.content is not None and intent.content.texts:
            places = find_places(document, intent.content.texts)
            if places[:1] != (Place(0, len(document.lines)),):
                message = "the file to delete holds other lines than those"
                return Fault(Reason.MISSING, message, document.texts, (0, len(document.lines)))
        self.now[intent.path] = None
        return None

    def _move(self, intent: MoveFile) -> Fault | None:
        document = self._document(intent.path)
        if document is None:
            return Fault(Reason.NO_FILE, "there is no such file")
        if self._document(intent.to) is not None:
            return Fault(Reason.EXISTS, f"{intent.to} exists already")
        if parent := self._parent_file(intent.to):
            return Fault(Reason.PATH, f"{parent} is a file, not a directory")
        if intent.path in self.runnable or self.executable(intent.path):
            self.runnable.add(intent.to)
        self.now[intent.path] = None
        self.now[intent.to] = document.with_lines([line._replace(origin=None) for line in document.lines])
        return None

    def _whole(self, intent: WholeFile) -> Document | Fault:
        document = self._document(intent.path)
        if document is None or not document.lines:
            made = self._create(CreateFile(intent.path, intent.content))
            return made or _fresh(intent.content)
        if fault := _elision(intent.path, intent.content, document, Block()):
            return fault
        place = Place(0, len(document.lines))
        texts = next(view for view in [*document.views()][::-1])
        if texts[0].startswith(BOM) and not "".join(intent.content.texts[:1]).startswith(BOM):
            texts = [texts[0].removeprefix(BOM), *texts[1:]]
        search = Block(tuple(texts), tuple(line.end == "\r\n" for line in document.lines))
        if not intent.content.has_carriage:
            search = Block(search.texts, (False,) * len(texts))
        if intent.content.bare and document.is_bare:
            search = Block(search.texts, search.carriage, bare=True)
        return replaced(document, place, search, intent.content)

    def _symbol(self, intent: ReplaceSymbol) -> Fault | None:
        document = self._document(intent.path)
        if document is None:
            return Fault(Reason.NO_FILE, "there is no such file")
        if fault := _elision(intent.path, intent.source, document, Block()):
            return fault
        spans = self.spans(intent.path, document.content, intent.symbol)
        return self._put(intent.path, symbol_replaced(document, intent.symbol, spans, intent.source))


def _fresh(content: Block) -> Document:
    ends = ["\r\n" if carriage else "\n" for carriage in content.carriage]
    if content.bare and ends:
        ends[-1] = ""
    return Document(tuple(Line(text, end) for text, end in zip(content.texts, ends, strict=True)))


def _elision(path: str, new: Block, document: Document, search: Block) -> Fault | None:
    if not any("..." in text or "…" in text for text in new.texts):
        return None
    elided = elided_line(new.texts, document.texts, path)
    if elided and not any(stands_for_lines(text) for text in search.texts):
        return _left_out(elided)
    return None


def _left_out(line: str) -> Fault:
    message = f"`{line.strip()[:100]}` leaves lines out; write all of them"
    return Fault(Reason.ELISION, message)
