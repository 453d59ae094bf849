"""What is known about each test over all tasks: the newest task that says something wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsp.facts.results import Outcome, Result, Results


@dataclass(frozen=True, slots=True)
class Record:
    """How a test stands, and in which tasks it wavered."""

    last: Result
    flaky_in: tuple[str, ...] = ()
    tasks: int = 1
    """How many tasks named it."""


def records(found: Sequence[Results]) -> dict[str, Record]:
    """Return what is known of each test; the newest task comes first."""
    last: dict[str, Result] = {}
    flaky: dict[str, list[str]] = {}
    named: dict[str, int] = {}
    others_pass = ""
    for results in found:
        for test, result in results.of.items():
            named[test] = named.get(test, 0) + 1
            if result.outcome is Outcome.FLAKY:
                flaky.setdefault(test, []).append(results.task)
            if test not in last:
                last[test] = Result(test, Outcome.CLEAR, others_pass) if others_pass else result
        if results.all_others_pass and not others_pass:
            others_pass = results.task
    return {
        test: Record(result, tuple(flaky.get(test, ())), named[test])
        for test, result in last.items()
        if result.outcome is not Outcome.GONE
    }


def of_file(known: Mapping[str, Record], path: str) -> Iterable[Record]:
    """Yield the records of the tests in a file."""
    return (record for test, record in known.items() if path_of_test(test) == path)


def path_of_test(test: str) -> str:
    """Return the file of a test; an opaque check has none."""
    path, divider, _ = test.partition("::")
    return path if divider else ""


def names_of_test(test: str) -> tuple[str, ...]:
    """Return the names that lead to the definition of a test within its file, outermost first."""
    _, _, rest = test.partition("::")
    return tuple(name for name in rest.partition("[")[0].split("::") if name)
