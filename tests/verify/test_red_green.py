"""A test shows something of a change only by how it fails without it."""

import pytest

from agent.protocol.check import Location, Run, RunEnd, TestResult, TestStatus
from agent.protocol.verdict import Proof, ProofKind
from agent.verify.red_green import Brought, proofs
from agent.verify.test_code import read_test_code

S = TestStatus
PATH = "tests/test_code.py"
SOURCE = b"""
from code_of import double

def check_all(values):
    for value in values:
        assert double(value) == 2 * value

def test_asserts(): assert double(2) == 4
def test_only_calls(): double(2)
def test_asserts_nothing_that_could_fail(): assert True
def test_asserts_in_a_function(): check_all([1, 2])
def test_raises():
    with pytest.raises(ValueError): double("x")
class TestA:
    def test_in_a_class(self): self.assertEqual(double(2), 4)
"""
OLD = b"""
def test_asserts(): assert 1 == int("1")
def test_only_calls(): double(2)
"""


def brought(old: bytes = b"") -> Brought:
    return Brought({PATH: read_test_code(old)}, {PATH: read_test_code(SOURCE)})


def proven(
    red: TestStatus | None,
    after: TestStatus = S.PASSED,
    name: str = "test_asserts",
    *,
    old: bytes = b"",
    wavering: tuple[str, ...] = (),
    **known: object,
) -> list[Proof]:
    test_id = f"{PATH}::{name}"
    before = () if red is None else (TestResult(**{"id": test_id, "status": red, **known}),)
    told = Run(check="pytest", end=RunEnd.COMPLETE, tests=before)
    candidate = Run(check="pytest", end=RunEnd.COMPLETE, tests=(TestResult(id=test_id, status=after),))
    return list(proofs(told, candidate, brought(old), wavering))


def frame(path: str) -> tuple[Location, ...]:
    return (Location(path=PATH, line=3), Location(path=path, line=1))


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"red": S.FAILED, "assertion": True, "message": "AssertionError"}, ProofKind.STRONG),
        ({"red": S.FAILED, "trace": frame("code_of.py"), "message": "ValueError: x"}, ProofKind.STRONG),
        ({"red": S.FAILED, "trace": frame(PATH), "message": "TypeError: unexpected"}, ProofKind.WEAK),
        ({"red": S.FAILED, "trace": frame(PATH), "message": "AttributeError: 'A' has no"}, ProofKind.WEAK),
        ({"red": S.FAILED, "trace": frame("code_of.py"), "message": "ImportError: no"}, ProofKind.WEAK),
        (
            {"red": S.FAILED, "trace": frame("a.py"), "message": "AttributeError: module 'a' has no 'b'"},
            ProofKind.WEAK,
        ),
        ({"red": S.ERROR, "assertion": False, "message": "fixture 'x' not found"}, ProofKind.WEAK),
        ({"red": S.TIMEOUT}, ProofKind.WEAK),
        ({"red": S.CRASHED}, ProofKind.WEAK),
        ({"red": S.PASSED}, ProofKind.NONE),
        ({"red": S.XPASSED}, ProofKind.NONE),
        ({"red": S.SKIPPED}, ProofKind.NONE),
        ({"red": S.XFAILED}, ProofKind.NONE),
        ({"red": S.NOT_RUN}, ProofKind.NONE),
        ({"red": None}, ProofKind.NONE),
        ({"red": S.FAILED, "assertion": True, "after": S.FAILED}, ProofKind.NONE),
        ({"red": S.FAILED, "assertion": True, "after": S.XPASSED}, ProofKind.NONE),
        ({"red": S.FAILED, "assertion": True, "after": S.SKIPPED}, ProofKind.NONE),
    ],
)
def test_what_a_new_test_shows_depends_on_how_it_fails_without_the_change(
    known: dict, kind: ProofKind
) -> None:
    (proof,) = proven(**known)
    assert (proof.kind, proof.brought) == (kind, True)


def test_a_file_that_cannot_be_collected_without_the_change_makes_weak_proofs() -> None:
    broken = TestResult(id=PATH, status=S.ERROR, message="ImportError: cannot import name 'double'")
    red = Run(check="pytest", end=RunEnd.COLLECTION_ERROR, tests=(broken,))
    passed = TestResult(id=f"{PATH}::test_asserts", status=S.PASSED)
    (proof,) = proofs(red, Run(check="pytest", end=RunEnd.COMPLETE, tests=(passed,)), brought())
    assert (proof.kind, proof.red, proof.message) == (ProofKind.WEAK, S.ERROR, broken.message)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("test_asserts", ProofKind.WEAK),
        ("test_asserts[1-2]", ProofKind.WEAK),
        ("test_asserts_in_a_function", ProofKind.WEAK),
        ("test_raises", ProofKind.WEAK),
        ("TestA::test_in_a_class", ProofKind.WEAK),
        ("test_only_calls", ProofKind.NONE),
        ("test_asserts_nothing_that_could_fail", ProofKind.NONE),
    ],
)
def test_a_test_that_asserts_nothing_shows_nothing_by_calling_what_is_new(name: str, kind: ProofKind) -> None:
    (proof,) = proven(S.FAILED, name=name, trace=frame(PATH), message="NameError: double")
    assert proof.kind is kind


def test_a_test_that_wavers_shows_nothing() -> None:
    (proof,) = proven(S.FAILED, assertion=True, wavering=(f"{PATH}::test_asserts",))
    assert proof.kind is ProofKind.NONE


def test_an_edited_test_is_the_changes_and_an_unedited_one_is_not() -> None:
    (edited,) = proven(S.FAILED, assertion=True, old=OLD)
    (unedited,) = proven(S.FAILED, name="test_only_calls", old=OLD, trace=frame("code_of.py"))
    assert (edited.brought, unedited.brought) == (True, False)


def test_an_unedited_test_that_shows_nothing_is_left_out() -> None:
    assert proven(S.PASSED, name="test_only_calls", old=OLD) == []


def test_a_unittest_is_found_by_its_dotted_name() -> None:
    code = brought()
    assert code.has("tests.test_code.TestA.test_in_a_class")
    assert code.has("test_code.TestA.test_in_a_class")
    assert not code.has("tests.test_other.TestA.test_in_a_class")
    assert not code.asserts("tests.test_code.test_only_calls")
