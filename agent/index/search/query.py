"""A question as search understands it: a name, a sentence or a whole issue text, taken apart."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.index.search.traces import Frame, read_frames
from agent.index.words import terms

LONGEST = 60_000
"""Characters of a text that are looked at; issues with whole logs in them say nothing new after that."""
_SHORT = 3
_JOINED = (2, 3)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[[^\[\]\n]{0,300}\]\([^()\n]{0,300}\)|https?://\S+")
_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"``?([^`\n]+)``?")
_PATH = re.compile(r"(?<![\w/.\-])[\w.\-/]{1,250}\.\w{1,5}\b")
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,9}")
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\(")
_RUN = re.compile(r"\b[A-Za-z]\w*(?:[ \-][A-Za-z]\w*)+")
_GAP = re.compile(r"[ \-]")
_HUMP = re.compile(r"[a-z0-9][A-Z]")
_QUOTED = re.compile(
    r"\"([^\"\n]{6,200})\"|'([^'\n]{6,200})'|^\w*(?:Error|Exception|Warning): (.{6,200})", re.MULTILINE
)
_FRAGMENT = re.compile(r"[A-Za-z][A-Za-z,\-]*(?: [A-Za-z,\-]+){2,}")
# How much of a word is about the code: a name in a title is meant, one in a listing just happens to be there.
_TITLE, _PROSE, _CODE = 1.0, 0.9, 0.5
_PARENT, _MEMBER, _PHRASE = 0.4, 0.8, 0.6
_TITLE_TERM, _PROSE_TERM, _CODE_TERM = 2.0, 1.0, 0.6
STOP = frozenset(
    """a about after again all also am an and any are as at be been before being both but by can cannot cant
    could did do does doesnt doing done dont down each either else every few for from get getting give go got
    had has have having he hello help her here hi him his how however i if im in instead into is isnt it its
    just know let like look made make makes many may me might more most much must my need needs never no not
    now of off ok on once one only or other our out over own please same say see seem seems shall she should
    since so some still such take than thank thanks that the their them then there these they thing things
    think this those though through to too try two under until up upon us use used uses using very want was
    way we well were what when where whether which while who whom whose why will with without wont would yes
    yet you your""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Query:
    """The parts of a question; `names` are likely identifiers with how surely they are meant (0 to 1)."""

    terms: Mapping[str, float]
    """Terms of `agent.index.words` with their weight."""
    plain: frozenset[str]
    """Those of them that stand in prose, where a word may be in another form than in the code."""
    names: Mapping[str, float]
    words: Mapping[str, float]
    """Whole words in lower case, not cut into terms; those of the title weigh more."""
    joined: Mapping[str, float]
    """Neighbouring words of the prose as code would join them: `man page` gives `manpage` and `man_page`."""
    title: frozenset[str]
    """Terms of the title."""
    paths: tuple[str, ...]
    frames: tuple[Frame, ...]
    """Of stack traces, innermost call first."""
    quoted: tuple[str, ...]
    """Of phrases in quotation marks and of error messages, what can stand so in a string of the code."""


def read_query(text: str) -> Query:
    """Take a question apart; never fails, whatever the text is."""
    text = _COMMENT.sub(" ", text[:LONGEST]).strip()
    frames = read_frames(text)
    text = _LINK.sub(" ", text)
    code = "\n".join(match[2] for match in _FENCE.finditer(text))
    prose = _FENCE.sub(" ", text)
    title = prose.strip().partition("\n")[0]
    weights, plain = _terms(title, prose, code)
    return Query(
        terms=weights,
        plain=plain,
        names=_names(title, prose, code),
        words=_words(title, text),
        joined=_joined(title, prose),
        title=frozenset(terms(title)) - STOP,
        paths=tuple(dict.fromkeys(match[0] for match in _PATH.finditer(text))),
        frames=frames,
        quoted=tuple(dict.fromkeys(_fragments(text))),
    )


def _fragments(text: str) -> Iterator[str]:
    """Yield runs of plain words: the names and numbers between them are filled in when a message is made."""
    for match in _QUOTED.finditer(text):
        yield from _FRAGMENT.findall(match[1] or match[2] or match[3])


def _terms(title: str, prose: str, code: str) -> tuple[dict[str, float], frozenset[str]]:
    weights: dict[str, float] = {}
    said = {term for term in terms(prose) if term not in STOP}
    for found, weight in (
        (said, _PROSE_TERM),
        (set(terms(title)), _TITLE_TERM),
        (set(terms(code)), _CODE_TERM),
    ):
        for term in found - STOP:
            weights[term] = weights.get(term, 0.0) + weight
    return dict(sorted(weights.items())), frozenset(said)


def _words(title: str, text: str) -> dict[str, float]:
    weights = dict.fromkeys(sorted({word.lower() for word in _WORD.findall(text)}), _PROSE_TERM)
    for word in {word.lower() for word in _WORD.findall(title)}:
        weights[word] = weights.get(word, 0.0) + _TITLE_TERM
    return weights


def _joined(title: str, prose: str) -> dict[str, float]:
    weights = dict.fromkeys(_side_by_side(prose), _PROSE_TERM)
    return {**weights, **dict.fromkeys(_side_by_side(title), _PROSE_TERM + _TITLE_TERM)}


def _side_by_side(text: str) -> Iterator[str]:
    for run in _RUN.findall(text.lower()):
        said = _GAP.split(run)
        for length in _JOINED:
            for some in zip(*(said[start:] for start in range(length)), strict=False):
                if not STOP.issuperset(some):
                    yield from ("".join(some), "_".join(some))


def _names(title: str, prose: str, code: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, weight in _mentions(title, prose, code):
        if len(name) > 2 and name.lower() not in STOP:
            found[name] = max(found.get(name, 0.0), weight)
    return found


def _mentions(title: str, prose: str, code: str) -> Iterator[tuple[str, float]]:
    words = _WORD.findall(prose)
    if len(words) <= _SHORT:
        yield from ((word, _TITLE) for word in words)
    for match in _INLINE.finditer(prose):
        yield from _inline(match[1])
    for text, weight in ((title, _TITLE), (prose, _PROSE), (code, _CODE)):
        yield from _dotted(text, weight)
        yield from ((word, weight) for word in set(_WORD.findall(text)) if _is_code(word))
        yield from ((name, _MEMBER * weight) for name in set(_CALLED.findall(text)))


def _inline(text: str) -> Iterator[tuple[str, float]]:
    words = _WORD.findall(text)
    weight = _TITLE if len(words) <= _SHORT else _PHRASE
    yield from ((word, _PROSE * weight) for word in words)
    yield from ((match[0], weight) for match in _DOTTED.finditer(text))


def _dotted(text: str, weight: float) -> Iterator[tuple[str, float]]:
    for name in set(_DOTTED.findall(text)):
        *parents, member = name.split(".")
        yield name, weight
        yield member, _MEMBER * weight
        yield from ((parent, _PARENT * weight) for parent in parents)


def _is_code(word: str) -> bool:
    """Return whether a word is spelled as only code spells: snake_case, _private or camelCase."""
    return "_" in word or bool(_HUMP.search(word))
