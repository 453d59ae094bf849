"""Symbols, references and calls from the index."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from agent.protocol.index import IndexCaller, IndexSymbol
from lsp.folders import Within
from lsp.navigation.asking import Index
from lsp.navigation.calls import (
    CALLABLE,
    Called,
    Item,
    by_callee,
    by_caller,
    by_name,
    called,
    item_of,
    module_item,
    ranges,
)
from lsp.navigation.offered import Offer, Offers
from lsp.navigation.places import Shown, shown, word_at
from lsp.navigation.references import declarations, uses
from lsp.navigation.symbols import Symbol, document_symbols, flat_symbols, workspace_symbol
from lsp.server import RatchetServer
from lsp.text.document import Encoding
from lsp.text.placing import live_lines
from lsp.wire.encoding import Json

_MOST = 1000
_MOST_SYMBOLS = 40
"""Of a query in the workspace; editors ask anew with every letter."""
_MOST_DEFINITIONS = 20


def register(server: RatchetServer) -> None:
    """Take part in a server."""
    navigation = Navigation(server)
    offers = Offers(
        server,
        (
            Offer(
                "symbols",
                types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
                "registers_document_symbols",
                {types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: navigation.document_symbols},
            ),
            Offer(
                "symbols",
                types.WORKSPACE_SYMBOL,
                "registers_workspace_symbols",
                {types.WORKSPACE_SYMBOL: navigation.workspace_symbols},
            ),
            Offer(
                "references",
                types.TEXT_DOCUMENT_REFERENCES,
                "registers_references",
                {types.TEXT_DOCUMENT_REFERENCES: navigation.references},
            ),
            Offer(
                "calls",
                types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
                "registers_calls",
                {
                    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: navigation.prepare_calls,
                    types.CALL_HIERARCHY_INCOMING_CALLS: navigation.incoming,
                    types.CALL_HIERARCHY_OUTGOING_CALLS: navigation.outgoing,
                },
            ),
        ),
    )
    server.on_begin(offers.begin)
    server.on_watch(navigation.warm)


class Navigation:
    """Answers of the index; each is empty while there is none, and the user is told why once."""

    def __init__(self, ls: RatchetServer) -> None:
        self._ls = ls
        self._index = Index(ls)

    def warm(self) -> None:
        """Let the indexes of what is open be made, if anybody is to be answered from them."""
        settings = self._ls.settings
        if settings.symbols or settings.references or settings.calls:
            for repository in self._ls.folders.repositories:
                self._index.warm(repository)

    async def document_symbols(self, params: types.DocumentSymbolParams) -> Json | None:
        """Answer `textDocument/documentSymbol`."""
        within = self._ls.folders.within(params.text_document.uri)
        if within is None or not self._ls.settings.symbols:
            return None
        found = await self._symbols_in(within.repository, within.path)
        file = self._shown(within.repository, within.path)
        if file is None:
            return None
        made = document_symbols if self._ls.abilities.symbol_trees else flat_symbols
        return Json(await asyncio.to_thread(made, found, file))

    async def workspace_symbols(self, params: types.WorkspaceSymbolParams) -> Json | None:
        """Answer `workspace/symbol`; without a query nothing, since everything is no answer."""
        if not self._ls.settings.symbols or not params.query.strip():
            return None
        repositories = self._ls.folders.repositories
        answers = await asyncio.gather(*(self._matching(one, params.query.strip()) for one in repositories))
        return Json([one for answer in answers for one in answer][:_MOST_SYMBOLS])

    async def references(self, params: types.ReferenceParams) -> Json | None:
        """Answer `textDocument/references`: uses of the name, which may be another thing's name, too."""
        within, name = self._asked_about(params.text_document.uri, params.position)
        if within is None or not name or not self._ls.settings.references:
            return None
        client, root = self._ls.client, within.repository
        found = await self._index.ask(
            root,
            lambda late: client.references(str(root), name, limit=_MOST, age=late),
            lambda answer: (one.path for one in answer.references),
        )
        references = found.references if found is not None else ()
        files = await asyncio.to_thread(self._files, root, [one.path for one in references])
        places = await asyncio.to_thread(list, uses(references, name, files))
        if params.context.include_declaration:
            defined = await self._defined(root, name, _MOST)
            places += declarations(defined, self._files(root, (one.path for one in defined)))
        return Json(places)

    async def prepare_calls(self, params: types.CallHierarchyPrepareParams) -> Json | None:
        """Answer `textDocument/prepareCallHierarchy`: what the name may be, at best what is defined there."""
        within, name = self._asked_about(params.text_document.uri, params.position)
        if within is None or not name or not self._ls.settings.calls:
            return None
        root = within.repository
        defined = [one for one in await self._defined(root, name) if one.kind in CALLABLE]
        files = self._files(root, (one.path for one in defined))
        line = params.position.line
        pairs = [(one, file) for one in defined if (file := files[one.path]) is not None]
        here = [
            (one, file)
            for one, file in pairs
            if one.path == within.path and file.nearest(one.start) <= line + 1 <= file.nearest(one.end)
        ]
        return Json([item_of(one, file, str(root)) for one, file in here[-1:] or pairs] or None)

    async def incoming(self, params: types.CallHierarchyIncomingCallsParams) -> Json | None:
        """Answer `callHierarchy/incomingCalls`."""
        target = self._item(params.item)
        if target is None:
            return None
        calls = await self._calls(target, "callers")
        grouped = by_caller(calls, target)
        items = await self._items(target, grouped)
        calling = (
            {"from": item, "fromRanges": ranges(grouped[key], file)} for key, (item, file) in items.items()
        )
        return Json(list(calling))

    async def outgoing(self, params: types.CallHierarchyOutgoingCallsParams) -> Json | None:
        """Answer `callHierarchy/outgoingCalls`."""
        source = self._item(params.item)
        if source is None or not source.symbol:
            return None
        calls = await self._calls(source, "callees")
        grouped = by_callee(calls, source)
        items = await self._items(source, grouped)
        file = self._shown(Path(source.repository), source.path)
        if file is None:
            return None
        return Json(
            [{"to": item, "fromRanges": ranges(grouped[key], file)} for key, (item, _) in items.items()]
        )

    async def _matching(self, root: Path, query: str) -> list[Symbol]:
        client = self._ls.client
        found = await self._index.ask(
            root,
            lambda late: client.symbols(str(root), part=query, limit=_MOST_SYMBOLS, age=late),
            lambda answer: (one.path for one in answer.symbols),
        )
        symbols = found.symbols if found is not None else ()
        opened = {str(path) for path in self._ls.folders.documents}
        return [
            workspace_symbol(one, root / one.path, self._shown(root, one.path))
            if str(root / one.path) in opened
            # Many files: that each is at its line has to do.
            else workspace_symbol(one, root / one.path, None)
            for one in symbols
        ]

    async def _symbols_in(self, root: Path, path: str) -> tuple[IndexSymbol, ...]:
        found = await self._index.ask(
            root,
            lambda late: self._ls.client.symbols(str(root), path, limit=_MOST, age=late),
            lambda _: [path],
        )
        # A path that is no file of the index is taken for a name.
        return tuple(one for one in found.symbols if one.path == path) if found is not None else ()

    async def _defined(self, root: Path, name: str, most: int = _MOST_DEFINITIONS) -> list[IndexSymbol]:
        found = await self._index.ask(
            root,
            lambda late: self._ls.client.symbols(str(root), name, limit=most, age=late),
            lambda answer: (one.path for one in answer.symbols),
        )
        return [one for one in found.symbols if one.name == name] if found is not None else []

    async def _calls(self, of: Called, what: str) -> tuple[IndexCaller, ...]:
        root = Path(of.repository)
        asked = self._ls.client.callers if what == "callers" else self._ls.client.callees
        found = await self._index.ask(
            root,
            lambda late: asked(of.repository, of.symbol, limit=_MOST, age=late),
            lambda answer: (one.path for one in answer.callers),
        )
        return found.callers if found is not None else ()

    async def _items(
        self, of: Called, wanted: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[Item, Shown]]:
        """Return an item for each path and dotted name, in the order of certainty."""
        root, known, items = Path(of.repository), {}, {}
        for path, symbol in wanted:
            file = self._shown(root, path)
            if file is None:
                continue
            if path not in known:
                known[path] = by_name(await self._symbols_in(root, path))
            one = known[path].get(symbol)
            item = item_of(one, file, of.repository) if one else module_item(path, file, of.repository)
            items[path, symbol] = (item, file)
        return items

    def _item(self, item: types.CallHierarchyItem) -> Called | None:
        """Return what an item is, of a repository that is open."""
        found = called(item)
        opened = {str(one) for one in self._ls.folders.repositories}
        return found if found is not None and found.repository in opened and self._ls.settings.calls else None

    def _asked_about(self, uri: str, position: types.Position) -> tuple[Within | None, str]:
        lines = live_lines(self._ls.protocol.documents, uri)
        return self._ls.folders.within(uri), word_at(lines or (), position, self._encoding)

    def _files(self, root: Path, paths: Iterable[str]) -> dict[str, Shown | None]:
        return {path: self._shown(root, path) for path in dict.fromkeys(paths)}

    def _shown(self, root: Path, path: str) -> Shown | None:
        return shown(self._ls.protocol.documents, self._ls.folders, root / path, self._encoding)

    @property
    def _encoding(self) -> Encoding:
        return Encoding(self._ls.workspace.position_encoding or types.PositionEncodingKind.Utf16)
