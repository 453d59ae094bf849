"""Which tests the JUnit reports of a workflow run say failed."""

from collections.abc import Iterable, Sequence

from agent.protocol.forge import RunEvidence
from agent.untrusted.redact import redact
from agent.untrusted.spell import spell_line
from agent.verify.classes import FAILING
from agent.verify.junit import BadJUnit, read_junit
from agent.verify.workflows.failing_tests import MOST, dotted, named_again


def reported_tests(files: Iterable[bytes]) -> tuple[str, ...]:
    """Return the tests that XML files say failed, each once, at most MOST; what is no JUnit says nothing."""
    found: dict[str, str] = {}
    for data in files:
        for name in _failing(data):
            found.setdefault(dotted(name), name)
        if len(found) >= MOST:
            break
    return tuple(spell_line(redact(name).text, 1000) for name in list(found.values())[:MOST])


def with_reported(evidence: RunEvidence, reported: Sequence[str]) -> RunEvidence:
    """Return the evidence with those failing tests that its log does not name, by whatever name."""
    same = set(named_again(reported, evidence.failing))
    more = [name for name in reported if name not in same]
    return evidence.model_copy(update={"failing": (*evidence.failing, *more)[:MOST]})


def _failing(data: bytes) -> Iterable[str]:
    try:
        return [test.id for test in read_junit(data, FAILING, MOST) if dotted(test.id)]
    except BadJUnit:
        return []
