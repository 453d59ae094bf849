"""What a comment is answered when it asks for help, or for something that is not known."""

from collections.abc import Sequence

from agent.protocol.forge import Misunderstood
from agent.publishing.rendering.page import listed, page
from agent.publishing.rendering.pen import Pen

_HELP = """\
| Command | What it does |
| :-- | :-- |
| `/ratchet fix [test …]` | searches for a patch that makes failing tests pass, and proves it |
| `/ratchet do …` | makes the change that is described, over several lines if need be |
| `/ratchet review` | looks for faults; those that a test shows are proven |
| `/ratchet explain [question]` | answers a question about this pull request |
| `/ratchet verify` | measures what the change does to the tests |
| `/ratchet stop` | ends what is at work here |
| `/ratchet help` | says this |

A command stands at the beginning of a line. Quotations, code, lists and edited comments are not read."""


def help_reply() -> str:
    """Return what can be asked for."""
    return page(["### Ratchet · help", _HELP])


def misunderstood_reply(found: Sequence[Misunderstood], pen: Pen | None = None) -> str:
    """Return what was not understood, why, and what can be asked for."""
    ink = pen or Pen()
    said = listed(found, lambda one: _said(one, ink))
    return page(["### Ratchet · not understood", said, _HELP])


def _said(one: Misunderstood, pen: Pen) -> str:
    return f"{pen.code(one.line, 120)}: {one.reason}" if one.line else one.reason
