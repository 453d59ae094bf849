"""Which methods of navigation an editor is offered, as its settings say, now and later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.server import RatchetServer
from lsp.settings import SECTION, Settings

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """Methods that come and go together; `announced` is the one that editors are told of."""

    setting: str
    announced: str
    registrable: str
    """The ability to take its registration later."""
    handlers: Mapping[str, Handler]
    """By method."""


class Offers:
    """Announces what is switched on, with `initialize` or later where the editor takes that."""

    def __init__(self, ls: RatchetServer, offers: tuple[Offer, ...]) -> None:
        self._ls = ls
        self._offers = offers
        self._announced: set[str] = set()
        self._registered: set[str] = set()
        ls.on_settings(self.switch)

    def begin(self) -> None:
        """Take part in the answer to `initialize`."""
        for offer in self._offers:
            if getattr(self._ls.settings, offer.setting):
                self._announced.add(offer.announced)
                self._handle(offer)

    def switch(self, settings: Settings) -> None:
        """Offer what is switched on from now on, and nothing else."""
        for offer in self._offers:
            on, method = getattr(settings, offer.setting), offer.announced
            if on and method not in self._announced | self._registered:
                self._register(offer)
            elif not on and method in self._registered:
                self._registered.discard(method)
                self._ls.spawn(self._unregister(offer))

    def is_on(self, setting: str) -> bool:
        """Say whether somebody wants to be answered: what `initialize` announced cannot be taken back."""
        return bool(getattr(self._ls.settings, setting))

    def _register(self, offer: Offer) -> None:
        if not getattr(self._ls.abilities, offer.registrable):
            self._ls.tell_once(f"`{SECTION}.{offer.setting}` is on once the language server is started anew.")
            return
        self._registered.add(offer.announced)
        self._handle(offer)
        self._ls.spawn(self._registration(offer))

    async def _registration(self, offer: Offer) -> None:
        one = types.Registration(_number(offer), offer.announced, _REGISTERED[offer.announced])
        try:
            await self._ls.client_register_capability_async(types.RegistrationParams([one]))
        except JsonRpcException as error:
            self._registered.discard(offer.announced)
            self._ls.log(f"the editor does not take {offer.announced}: {error.message}")

    async def _unregister(self, offer: Offer) -> None:
        one = types.Unregistration(_number(offer), offer.announced)
        try:
            await self._ls.client_unregister_capability_async(types.UnregistrationParams([one]))
        except JsonRpcException as error:
            self._ls.log(f"the editor goes on asking for {offer.announced}: {error.message}")

    def _handle(self, offer: Offer) -> None:
        for method, handler in offer.handlers.items():
            if method not in self._ls.protocol.fm.features:
                self._ls.feature(method)(_plain(handler))


_DOCUMENTS: Mapping[str, Any] = {"documentSelector": [{"scheme": "file"}]}
_REGISTERED: Mapping[str, Any] = {
    types.WORKSPACE_SYMBOL: {},
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: _DOCUMENTS,
    types.TEXT_DOCUMENT_REFERENCES: _DOCUMENTS,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: _DOCUMENTS,
}


def _plain(handler: Handler) -> Handler:
    """Return a function: pygls writes on what it is given, which a method does not take."""

    async def handle(params: Any) -> Any:
        return await handler(params)

    return handle


def _number(offer: Offer) -> str:
    return f"ratchet-{offer.announced}"
