"""Says what came of applying a patch, and offers to verify what nobody has."""

from dataclasses import replace

from lsprotocol import types

from lsp.applying.applied import Applied, Standing
from lsp.applying.asking import ask
from lsp.applying.doubts import listed
from lsp.applying.judging import judge
from lsp.server import RatchetServer

VERIFY = "Verify now"


async def tell(ls: RatchetServer, task_id: str, applied: Applied) -> None:
    """Tell the user, and begin what they choose; raises RatchetError."""
    why = listed(applied.reasons)
    match applied.standing:
        case Standing.VERIFIED:
            ls.tell("Ratchet applied the patch: its files are exactly as they were verified")
        case Standing.UNVERIFIED:
            sentence = f"Ratchet applied the patch, and the merged result is unverified: {why}"
            if await ask(ls, sentence, (VERIFY,)) == VERIFY:
                root = ls.feed.top_of((await ls.client.task(task_id)).spec)
                if root is not None:
                    ls.applied[task_id] = replace(applied, judge=await judge(ls, root))
        case _:
            ls.tell(f"Ratchet applied nothing: {why}", types.MessageType.Warning)
