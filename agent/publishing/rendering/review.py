"""One review: proven findings and suggestions on the lines of a diff, the rest in its text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from agent.protocol.conversation import Finding
from agent.protocol.value import Value
from agent.publishing.rendering import results
from agent.publishing.rendering.commentable import Commentable, Side, commentable
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.memory import memory
from agent.publishing.rendering.page import counted, folded, listed, page
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.suggestions import Suggestion, suggestions

MOST_COMMENTS = 30


class Comment(Value):
    """A comment on the lines `start_line` to `line` of a side, or on `line` alone."""

    path: str
    body: str
    side: Side
    line: int
    start_line: int | None = None
    start_side: Side | None = None


class Review(Value):
    """A review as one request; it comments, and never approves nor asks for changes."""

    commit_id: str
    body: str
    event: Literal["COMMENT"] = "COMMENT"
    comments: tuple[Comment, ...] = ()


def review(
    marker: Marker,
    findings: Sequence[Finding],
    diff: str,
    fix: str = "",
    summary: str = "",
    pen: Pen | None = None,
    before: int = 0,
) -> Review:
    """Return the review of the commit `marker.head`; raises PatchRefused when a diff cannot be read.

    `diff` is the pull request's, from its merge base to that commit; `fix` a proven patch on that commit;
    `before` how many findings an earlier review said already, which are not among these.
    """
    pen, shown = pen or Pen(), commentable(diff) if diff else Commentable({})
    offered = suggestions(fix, shown, pen) if fix else ()
    offered = offered if len(offered) <= MOST_COMMENTS else ()
    room = MOST_COMMENTS - len(offered)
    proven = [one for one in findings if one.proven]
    on_lines = [one for one in proven if shown.side(one.path, one.line) and pen.keeps(one.path)][:room]
    comments = [_offer(one, len(offered)) for one in offered]
    comments += [_comment(one, shown, pen) for one in on_lines]
    said = _said(findings, [one for one in proven if one not in on_lines], summary, pen)
    again = f"Not said again: {counted(before, 'finding')} of earlier reviews." if before else ""
    first = [str(marker), memory(findings), _heading(marker, findings, fix)]
    body = page([*first, again, *said, _fix(fix, offered, pen)])
    return Review(commit_id=marker.head, body=body, comments=tuple(comments))


def _heading(marker: Marker, findings: Sequence[Finding], fix: str) -> str:
    if fix and not findings:
        return f"### Ratchet · {marker.kind.value}: a proven patch for these lines"
    proven = sum(one.proven for one in findings)
    return f"### Ratchet · review: {counted(proven, 'proven finding')}, {len(findings) - proven} unproven"


def _said(findings: Sequence[Finding], elsewhere: Sequence[Finding], summary: str, pen: Pen) -> Iterator[str]:
    unproven = [one for one in findings if not one.proven]
    yield pen.prose(summary) if summary else ""
    if elsewhere:
        places = listed(elsewhere, lambda one: results.finding_line(one, pen))
        yield f"**Outside of the lines shown**\n\n{places}"
        yield from (folded("What was seen", _evidence(one, pen)) for one in elsewhere[:5])
    words = [_paragraph(one, pen) for one in unproven[:20]]
    more = [f"And {len(unproven) - 20} more."] if len(unproven) > 20 else []
    yield folded(f"Unproven findings ({len(unproven)}): no test shows them", *words, *more)


def _fix(fix: str, offered: Sequence[Suggestion], pen: Pen) -> str:
    if not fix:
        return ""
    if len(offered) > 1:
        return f"The {len(offered)} suggestions are one proven fix: apply them together."
    return (
        ""
        if offered
        else folded("A proven fix that cannot be suggested line by line", pen.block(fix, "diff"))
    )


def _offer(one: Suggestion, number: int) -> Comment:
    said = "Proven" if number == 1 else f"One of {number} parts that are proven together"
    body = page([f"{said}: tests that fail now pass with this.", one.block()])
    if one.first == one.last:
        return Comment(path=one.path, body=body, side=Side.RIGHT, line=one.last)
    return Comment(
        path=one.path,
        body=body,
        side=Side.RIGHT,
        line=one.last,
        start_line=one.first,
        start_side=Side.RIGHT,
    )


def _comment(one: Finding, shown: Commentable, pen: Pen) -> Comment:
    side = shown.side(one.path, one.line)
    assert side is not None
    title = f"**{pen.line(one.title)}** ({pen.line(one.severity)}, proven)"
    body = page([title, pen.prose(one.body), folded("What was seen", _evidence(one, pen))])
    return Comment(path=one.path, body=body, side=side, line=one.line)


def _evidence(one: Finding, pen: Pen) -> str:
    return "\n\n".join(_filled(pen.prose(one.evidence) if one.evidence else "", _test(one, pen)))


def _test(one: Finding, pen: Pen) -> str:
    return (
        f"A test that passes on the base and fails on the change:\n\n{pen.block(one.test)}"
        if one.test
        else ""
    )


def _paragraph(one: Finding, pen: Pen) -> str:
    return "\n\n".join(_filled(f"**{results.finding_line(one, pen)}**", pen.prose(one.body, 2_000)))


def _filled(*sections: str) -> Iterable[str]:
    return filter(None, sections)
