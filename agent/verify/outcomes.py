"""What one run lets us say about any test, mentioned in it or not."""

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.verify.classes import FAILING

_WORTHLESS = frozenset({RunEnd.FORGED, RunEnd.INTERNAL, RunEnd.USAGE})
_CUT = frozenset({RunEnd.TRUNCATED, RunEnd.TIMEOUT, RunEnd.CRASHED, RunEnd.OUT_OF_RESOURCES})
_BLAMED = frozenset({TestStatus.NOT_RUN, TestStatus.TIMEOUT, TestStatus.CRASHED})
_WHOLE = frozenset({RunEnd.COMPLETE, RunEnd.NO_TESTS})


class Outcomes:
    """The statuses of a run; `distrusted` makes every one of them count as not run."""

    def __init__(self, run: Run, *, distrusted: bool = False) -> None:
        self.run = run
        self.tests = run.by_id()
        self._worthless = distrusted or run.end in _WORTHLESS
        # Cut off, and no test to blame: what came after the last record is unknown.
        self._unexplained = run.end in _CUT and not any(t.status in _BLAMED for t in run.tests)
        self._broken_files = tuple(t.id for t in run.tests if _is_file(t.id))

    def of(self, test_id: str) -> TestStatus:
        """Return the status of a test id."""
        if self._worthless:
            return TestStatus.NOT_RUN
        test = self.tests.get(test_id)
        if test is None:
            return self._unmentioned(test_id)
        if self._unexplained and test.status not in FAILING:
            return TestStatus.NOT_RUN
        return test.status

    def result(self, test_id: str) -> TestResult | None:
        """Return the result of a test, or that of the file that kept it from being collected."""
        if test_id in self.tests:
            return self.tests[test_id]
        return next((self.tests[name] for name in self._broken_files if is_under(test_id, name)), None)

    def has_tests_under(self, test_id: str) -> bool:
        """True when the run mentions tests inside a file or class."""
        return any(is_under(name, test_id) for name in self.tests)

    def _unmentioned(self, test_id: str) -> TestStatus:
        if any(is_under(test_id, name) for name in self._broken_files):
            return TestStatus.ERROR
        if self.run.end is RunEnd.COLLECTION_ERROR:
            return TestStatus.ERROR
        return TestStatus.ABSENT if self.run.end in _WHOLE else TestStatus.NOT_RUN


def is_under(test_id: str, place: str) -> bool:
    """True when a test lies in a file, folder, module or class."""
    return test_id.startswith((f"{place}::", f"{place}/", f"{place}."))


def _is_file(test_id: str) -> bool:
    return "::" not in test_id and not test_id.startswith("<")
