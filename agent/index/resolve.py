"""What calls and names of one snapshot lead to, with a confidence for each answer."""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple, Protocol

from agent.index.facts import CALLABLE, HOLDER, MODULE, Kind
from agent.index.modules import Modules
from agent.index.scopes import Scopes
from agent.index.view import Symbol

_HOPS = 8
_OWN = frozenset({"self", "cls", "this", "super", "Self", "static", "parent", "@"})
EXACT, BOUND, INHERITED, AMBIGUOUS, GUESSED, LEAST = 1.0, 0.95, 0.9, 0.6, 0.5, 0.1
_FANOUT = 40
_MANY = 400
_ONE_A_FILE = frozenset({"java", "php", "rust"})
"""Languages in which the name of a thing is usually that of its file."""


class Target(NamedTuple):
    """A definition (MODULE: a file as a whole) and how sure it is meant."""

    path: str
    ordinal: int
    confidence: float


class Sources(Protocol):
    """Where resolution reads from."""

    modules: Modules

    def scopes(self, path: str) -> Scopes:
        """Return a file of the snapshot as resolution sees it."""

    def language(self, path: str) -> str:
        """Return the language of a file."""

    def find(self, name: str, limit: int | None = None) -> Sequence[Symbol]:
        """Return the symbols of a name."""


class Resolver:
    """Answers for one snapshot; remembers what the modules of it export."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._members: dict[tuple[str, str], list[Target]] = {}
        self._guesses: dict[tuple[str, str, bool], list[Target]] = {}

    def call(self, path: str, ordinal: int, receiver: str, name: str) -> list[Target]:
        """Return what `receiver.name(...)` inside a definition can reach, surest first."""
        scopes = self._sources.scopes(path)
        root, _, rest = receiver.partition(".")
        if not receiver:
            return self._plain(path, scopes, ordinal, name)
        if root.lstrip("@$") in _OWN:
            return self._own(path, scopes, ordinal, root, rest, name)
        if receiver != "?" and (bound := self._name(path, scopes, ordinal, root)) is not None:
            return self._through(bound, [*(rest.split(".") if rest else ()), name])
        return self._guess(path, name)

    def name(self, path: str, ordinal: int, dotted: str) -> list[Target]:
        """Return what a dotted name means at a place of a file; nothing when it is from elsewhere."""
        root, *rest = dotted.split(".")
        bound = self._name(path, self._sources.scopes(path), ordinal, root)
        return self._through(bound, rest) if bound else []

    def imported(self, path: str, module: str, name: str, depth: int = _HOPS) -> list[Target]:
        """Return what an import brings: definitions, or files."""
        language = self._sources.scopes(path).columns.language
        files = self._files(path, language, module, "" if name == "*" else name)
        if not files:
            return []
        if name in ("", "*"):
            return [
                Target(file, MODULE, EXACT if number == 0 else AMBIGUOUS) for number, file in enumerate(files)
            ]
        found = [target for file in files for target in self._member_of_file(file, name, depth)]
        if (
            language == "python"
            and not found
            and (sub := self._sources.modules.python(path, _joined(module, name)))
        ):
            return [Target(sub, MODULE, EXACT)]
        return found

    def method(self, path: str, ordinal: int, name: str, *, above: bool = False) -> list[Target]:
        """Return the member of a class or of its nearest parent that has it; `above`: of parents only."""
        waiting, seen, sure = [(path, ordinal)], {(path, ordinal)}, BOUND
        first = above
        while waiting:
            place, owner = waiting.pop(0)
            scopes = self._sources.scopes(place)
            own = scopes.members[owner].get(name) if owner in scopes.members else None
            if own and not first:
                return [Target(place, one, sure) for one in own]
            first, sure = False, INHERITED
            for target in self._parents(place, scopes, owner):
                if (at := (target.path, target.ordinal)) not in seen:
                    seen.add(at)
                    waiting.append(at)
        return []

    def _parents(self, path: str, scopes: Scopes, owner: int) -> Iterator[Target]:
        for written in scopes.parents.get(owner, ()):
            found = self.name(path, scopes.rows[owner][3], written)
            if not found and scopes.columns.language != "python":
                found = self._anywhere(path, written.rpartition(".")[2])
            yield from (target for target in found if self._is_holder(target))

    def _is_holder(self, target: Target) -> bool:
        return target.ordinal != MODULE and self._kind(target) in HOLDER

    def _kind(self, target: Target) -> str:
        return self._sources.scopes(target.path).rows[target.ordinal][2]

    def _plain(self, path: str, scopes: Scopes, ordinal: int, name: str) -> list[Target]:
        found = self._name(path, scopes, ordinal, name)
        if found is not None or scopes.columns.language == "python":
            return found or []
        owner = scopes.owner(ordinal)
        if owner is not None and (inherited := self.method(path, owner, name)):
            return inherited
        return self._guess(path, name, methods=False)

    def _own(self, path: str, scopes: Scopes, ordinal: int, root: str, rest: str, name: str) -> list[Target]:
        owner = scopes.owner(ordinal)
        if owner is None or rest:
            return self._guess(path, name)
        found = self.method(path, owner, name, above=root in ("super", "parent"))
        return found or self._guess(path, name)

    def _name(self, path: str, scopes: Scopes, ordinal: int, name: str) -> list[Target] | None:
        """Return what a name is bound to; [] when that is not of this repository, None when unknown."""
        if own := scopes.visible(name, ordinal):
            sure = EXACT if len(own) == 1 else BOUND
            known = [one for one in own if scopes.rows[one][2] in CALLABLE | HOLDER]
            return [Target(path, one, sure) for one in known] if known else None
        if rows := scopes.imported.get(name):
            return [target for row in rows for target in self._bound(path, scopes, name, row[0], row[1])]
        for module in scopes.stars:
            if found := self._starred(path, module, name):
                return found
        return self._around(path, scopes, name)

    def _starred(self, path: str, module: str, name: str) -> list[Target]:
        return [target for target in self.imported(path, module, name) if target.ordinal != MODULE]

    def _bound(self, path: str, scopes: Scopes, name: str, module: str, taken: str) -> list[Target]:
        if scopes.columns.language != "python":
            wanted = taken or module.replace("\\", ".").replace("::", ".").rpartition(".")[2]
            named = self.imported(path, module, wanted) if wanted else []
            return named or self.imported(path, module, "")
        if not taken and module.partition(".")[0] == name:
            module = name
        return self.imported(path, module, taken)

    def _around(self, path: str, scopes: Scopes, name: str) -> list[Target] | None:
        """Look where a language looks without an import: the package, what is included, anywhere."""
        language = scopes.columns.language
        if language == "python":
            return None
        if language in ("go", "java", "csharp", "php"):
            for other in self._sources.modules.beside(path):
                if found := self._top(other, name):
                    return found
        if language in ("c", "cpp", "bash", "ruby"):
            for module, *_ in scopes.columns.imports:
                for file in self._sources.modules.files(path, language, module):
                    if found := self._top(file, name):
                        return found
        return self._anywhere(path, name) or None

    def _anywhere(self, path: str, name: str) -> list[Target]:
        family = _family(self._sources.language(path))
        found = [
            symbol
            for symbol in self._sources.find(name, _MANY)
            if symbol.kind in HOLDER and _family(self._sources.language(symbol.path)) == family
        ]
        sure = AMBIGUOUS / max(1, len(found))
        return [Target(symbol.path, symbol.ordinal, max(LEAST, sure)) for symbol in found[:_FANOUT]]

    def _guess(self, path: str, name: str, *, methods: bool = True) -> list[Target]:
        """Return every definition of a name, none of them sure."""
        family = _family(self._sources.language(path))
        asked = (name, family, methods)
        if asked not in self._guesses:
            self._guesses[asked] = self._guessed(name, family, {Kind.METHOD} if methods else CALLABLE)
        return self._guesses[asked]

    def _guessed(self, name: str, family: str, kinds: Container[Kind]) -> list[Target]:
        found = [symbol for symbol in self._sources.find(name, _MANY) if symbol.kind in kinds]
        found = [symbol for symbol in found if _family(self._sources.language(symbol.path)) == family]
        if len(found) > _FANOUT:
            return []
        sure = max(LEAST, GUESSED / max(1, len(found)))
        return [Target(symbol.path, symbol.ordinal, sure) for symbol in found]

    def _through(self, bound: Sequence[Target], parts: Sequence[str]) -> list[Target]:
        """Follow attributes from what their root is bound to."""
        for part in parts:
            bound = [
                further._replace(confidence=min(further.confidence, target.confidence))
                for target in bound
                for further in self._attribute(target, part)
            ]
        return list(bound)

    def _attribute(self, target: Target, name: str) -> list[Target]:
        if target.ordinal != MODULE:
            return self.method(target.path, target.ordinal, name) if self._is_holder(target) else []
        if found := self._member_of_file(target.path, name, _HOPS):
            return found
        modules = self._sources.modules
        sub = modules.python(target.path, _joined(modules.dotted(target.path), name))
        return [Target(sub, MODULE, EXACT)] if sub and target.path.endswith("/__init__.py") else []

    def _top(self, path: str, name: str) -> list[Target]:
        """Return the definitions of a file that others see under a plain name."""
        scopes = self._sources.scopes(path)
        found = scopes.members[MODULE].get(name, []) if MODULE in scopes.members else []
        if not found and scopes.columns.language != "python":
            found = [o for o, row in enumerate(scopes.rows) if row[0] == name and _is_open(scopes, row[3])]
        return [Target(path, one, EXACT if len(found) == 1 else BOUND) for one in found]

    def _member_of_file(self, path: str, name: str, depth: int) -> list[Target]:
        if (path, name) not in self._members:
            # Taken for nothing while it is looked for, so that modules may import each other.
            self._members[path, name] = []
            self._members[path, name] = self._exported(path, name, depth)
        return self._members[path, name]

    def _exported(self, path: str, name: str, depth: int) -> list[Target]:
        if found := self._top(path, name):
            return found
        if not depth:
            return []
        scopes = self._sources.scopes(path)
        for module, taken, _, _ in scopes.imported.get(name, ()):
            if found := self.imported(path, module, taken, depth - 1):
                return found
        for module in scopes.stars:
            if found := self.imported(path, module, name, depth - 1):
                return found
        return []

    def _files(self, path: str, language: str, module: str, name: str) -> list[str]:
        modules = self._sources.modules
        if language == "python":
            found = modules.python(path, module)
            return [found] if found else []
        named = modules.files(path, language, f"{module}/{name}") if name and language in _ONE_A_FILE else []
        return named or modules.files(path, language, module)


def _is_open(scopes: Scopes, parent: int) -> bool:
    while parent != MODULE and scopes.rows[parent][2] == Kind.MODULE:
        parent = scopes.rows[parent][3]
    return parent == MODULE


def _joined(module: str, name: str) -> str:
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _family(language: str) -> str:
    return {"tsx": "javascript", "typescript": "javascript", "c": "cpp"}.get(language, language)
