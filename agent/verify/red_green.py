"""What each test shows of a change: how it fails without it, and that it passes with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.protocol.check import Run, TestResult, TestStatus
from agent.protocol.verdict import Proof, ProofKind
from agent.repo.store import Store
from agent.verify.classes import FAILING, GOOD
from agent.verify.compare import shows_a_bug
from agent.verify.outcomes import Outcomes
from agent.verify.test_code import TestCode, TestFunction, read_test_code
from agent.verify.trees import Trees

_MOST = 200
"""Proofs that a verdict keeps, the best first."""
_MESSAGE = 300
_ORDER = (ProofKind.STRONG, ProofKind.WEAK, ProofKind.NONE)
_MISSING = ("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError")
"""Failures that say only that something is not there, wherever they are raised."""
_MISSING_ATTRIBUTE = "AttributeError: module "


@dataclass(frozen=True)
class Brought:
    """The tests that a change adds or edits, told by the text of their files."""

    before: Mapping[str, TestCode | None] = field(default_factory=dict)
    after: Mapping[str, TestCode | None] = field(default_factory=dict)

    def has(self, test_id: str) -> bool:
        """Say whether the change added or edited a test; a file that cannot be read counts in full."""
        place = self._place(test_id)
        if place is None:
            return False
        path, name = place
        old, new = self.before.get(path), self.after.get(path)
        if new is None or name not in new.functions or old is None:
            return True
        return name not in old.functions or old.functions[name].text != new.functions[name].text

    def asserts(self, test_id: str) -> bool:
        """Say whether a test asserts something; one that cannot be read, or is no function, is believed."""
        path, name = self._place(test_id) or ("", "")
        code = self.after.get(path)
        function = self._function(code, name)
        return code is None or function is None or code.asserts(function)

    def _function(self, code: TestCode | None, name: str) -> TestFunction | None:
        return code.functions.get(name) if code is not None else None

    def _place(self, test_id: str) -> tuple[str, str] | None:
        """Return path and name of a test in a changed file, None for other tests."""
        bare = test_id.partition("[")[0]
        path, _, name = bare.partition("::")
        if path in self.after:
            return path, name
        for path in self.after:
            # unittest writes dots, from wherever its discovery began.
            module = path.removesuffix(".py").replace("/", ".")
            for start in _starts(module):
                if bare.startswith(f"{module[start:]}."):
                    return path, bare[len(module) - start + 1 :].replace(".", "::")
        return None


def _starts(module: str) -> Iterable[int]:
    return (0, *(place + 1 for place, letter in enumerate(module) if letter == "."))


def brought_by(store: Store, trees: Trees) -> Brought:
    """Return the tests that the change of some trees adds or edits."""
    paths = [path for path in trees.changed_tests if path.endswith(".py")]
    return Brought(
        {path: _read(store, trees.base, path) for path in paths},
        {path: _read(store, trees.candidate, path) for path in paths},
    )


def _read(store: Store, tree: str, path: str) -> TestCode | None:
    entry = store.list(tree).get(path)
    return read_test_code(store.read(tree, path)) if entry is not None and entry.is_file else None


def proofs(red: Run, candidate: Run, brought: Brought, wavering: Iterable[str] = ()) -> tuple[Proof, ...]:
    """Return what the tests show that a change brings along or fixes, the best first.

    `red` is the base's source with the candidate's tests. `wavering` are tests whose outcome was not
    the same every time they ran.
    """
    before, after, flaky = Outcomes(red), Outcomes(candidate), frozenset(wavering)
    found = []
    for test in candidate.tests:
        mine = brought.has(test.id)
        proof = _proof(test, before, after.of(test.id), brought, mine)
        if test.id in flaky:
            wavers = {"kind": ProofKind.NONE, "message": "its outcome is not the same every time"}
            proof = proof.model_copy(update=wavers)
        if mine or proof.kind is not ProofKind.NONE:
            found.append(proof)
    return tuple(sorted(found, key=lambda proof: _ORDER.index(proof.kind))[:_MOST])


def _proof(test: TestResult, before: Outcomes, after: TestStatus, brought: Brought, mine: bool) -> Proof:
    red, told = before.of(test.id), before.result(test.id)
    kind, message = _shown(red, told, after)
    if kind is ProofKind.WEAK and mine and not brought.asserts(test.id):
        kind, message = ProofKind.NONE, f"it asserts nothing; without the change: {message}"
    return Proof(test=test.id, kind=kind, red=red, candidate=after, brought=mine, message=message[:_MESSAGE])


def _shown(red: TestStatus, told: TestResult | None, after: TestStatus) -> tuple[ProofKind, str]:
    if after is not TestStatus.PASSED:
        return ProofKind.NONE, f"it does not pass with the change: {after}"
    if red in GOOD:
        return ProofKind.NONE, "it passes without the change, too"
    if red not in FAILING or told is None:
        return ProofKind.NONE, f"without the change it is {red}"
    if red is TestStatus.FAILED and shows_a_bug(told) and not _is_missing(told.message):
        return ProofKind.STRONG, told.message
    return ProofKind.WEAK, told.message or str(red)


def _is_missing(message: str) -> bool:
    return message.partition(":")[0] in _MISSING or message.startswith(_MISSING_ATTRIBUTE)
