"""Everything that is known about one row, in sections."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.protocol.verdict import ProofKind
from tui.panes.verdict.row import Kind, Row

_MEANINGS = {
    Kind.BROKEN: "it fails with the change, and did not fail without it",
    Kind.WEAKENED: "as it was in the base, it fails on the changed source",
    Kind.VANISHED: "it is not there any more with the change",
    Kind.NOT_RUN: "a run was cut short, so nothing can be said about it",
    Kind.COMPLAINT: "the base had no such complaint",
    Kind.LOOSENED: "here the change loosens what measures it",
    Kind.SET_APART: "the file decides how tests run",
    Kind.SKIPPED_NOW: "it ran before, and is skipped or expected to fail with the change",
    Kind.STILL_FAILING: "it fails with the change as it did without it",
    Kind.FAILING: "it fails on the base",
    Kind.FLAKY: "it gave different outcomes on the same code",
    Kind.FIXED: "it failed without the change of the source, and passes with it",
    Kind.NEW: "it was not there or was skipped before, and does not fail",
    Kind.PASSED: "it is as it was",
    Kind.SKIPPED: "it is skipped, or expected to fail, on the base",
    Kind.UNNOTICED: "this line can be changed again, and all tests still pass",
    Kind.NOTE: "",
}
_PROOFS = {
    ProofKind.STRONG: "strong proof: without the change of the source its behaviour was another one",
    ProofKind.WEAK: "weak proof: without the change of the source it could not get that far",
    ProofKind.NONE: "no proof: it shows nothing about the change",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A title of ours above outside text."""

    title: str
    text: str


def detail(row: Row) -> tuple[Section, ...]:
    """Return what there is to read about a row."""
    return tuple(section for section in _sections(row) if section.text)


def _sections(row: Row) -> Iterator[Section]:
    yield Section(row.kind.value, _MEANINGS[row.kind])
    if row.name and row.before and row.after:
        yield Section("outcome", f"{row.before} → {row.after}")
    before = row.kind in (Kind.FIXED, Kind.FLAKY)
    yield Section("said without the change" if before else "says", row.message)
    if row.location is not None:
        yield Section("at", f"{row.location.path}:{row.location.line}")
    if row.proof is not None:
        brought = "; the change brought or edited this test" if row.proof.brought else ""
        yield Section("proof", _PROOFS[row.proof.kind] + brought)
        if row.proof.message != row.message:
            yield Section("without the change", row.proof.message)
    yield Section("through", "\n".join(f"{one.path}:{one.line}" for one in row.trace))
    yield Section("on the base", row.details)
    if row.seconds:
        yield Section("took", f"{row.seconds:.2f} s on the base")
