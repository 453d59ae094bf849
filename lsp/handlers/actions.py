"""What can be done about a place, listed without asking anybody."""

from collections.abc import Iterator, Sequence

from lsprotocol import types

from lsp.server import RatchetServer
from lsp.work.offers import KINDS, Offer, applying, fixes, place_of, rewrites, verifying

Found = types.CodeAction | types.Command


def register(server: RatchetServer) -> None:
    """Take part in a server."""

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=False),
    )
    def list_actions(ls: RatchetServer, params: types.CodeActionParams) -> list[Found]:
        offers = (one for one in _offers(ls, params) if _is_wanted(one.kind, params.context.only))
        return [found for one in offers for found in _shown(ls, one)]


def _offers(ls: RatchetServer, params: types.CodeActionParams) -> Iterator[Offer]:
    place = place_of(ls, params.text_document.uri, params.range)
    yield from fixes(ls, place, params.context.diagnostics)
    yield from applying(ls, place)
    yield from rewrites(ls, place)
    yield verifying(ls, place)


def _is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Say whether a kind is one of those asked for, or below one: `refactor` asks for `refactor.rewrite`."""
    if not only:
        return True
    return any(one == "" or kind == one or kind.startswith(f"{one}.") for one in only)


def _shown(ls: RatchetServer, offer: Offer) -> Iterator[Found]:
    """Yield an offer as the editor can take it; a Command alone cannot say that it is not possible."""
    arguments = [offer.order.model_dump(mode="json", exclude_defaults=True)]
    command = types.Command(title=offer.title, command=offer.name, arguments=arguments)
    if not ls.abilities.action_literals:
        if not offer.why_not:
            yield command
    elif not offer.why_not or ls.abilities.action_disabled:
        disabled = types.CodeActionDisabled(reason=offer.why_not) if offer.why_not else None
        yield types.CodeAction(
            title=offer.title,
            kind=offer.kind,
            diagnostics=offer.about or None,
            command=None if disabled else command,
            disabled=disabled,
        )
