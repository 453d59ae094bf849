"""One change the search wants to try, as byte-exact splices on the base tree."""

from dataclasses import dataclass

from agent.protocol.edit import Splice


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit of one function or of module-level code, with how it came about.

    `ordinal` is stable for one problem and seed, so a search can go on where it stopped.
    `function` is the qualified name of the edited function, such as "Stack.push" or
    "outer.<locals>.inner", and "" when code outside any function changes. A later edit of a
    pair may lie in another file: `path`, `line` and `function` describe the first one.
    """

    ordinal: int
    splices: tuple[Splice, ...]
    template: str
    path: str
    line: int
    function: str
    score: float
