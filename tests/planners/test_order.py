"""Candidates come in a stable order, each once, each compiling, made only as they are asked for."""

import ast
import inspect
import textwrap
from itertools import islice

import pytest

from agent.planners.search.candidate import Candidate
from agent.planners.search.order import Place, SourceFile, places, stream
from agent.planners.search.validity import apply
from agent.protocol.proposal import Suspect

SOURCE = b"""\
LIMIT = 3


class Queue:
    def __init__(self, items=[]):
        self.items = items

    def take(self, count):
        taken = []
        for item in self.items:
            if len(taken) < count:
                taken.append(item)
        return taken


def outer(x):
    def inner(y):
        return x - y
    return inner(LIMIT)
"""


def sites(source: bytes = SOURCE, lines: range = range(1, 40)) -> tuple[Place, ...]:
    file = SourceFile("m.py", source)
    suspects = [Suspect(path="m.py", line=line, score=1.0 / line) for line in lines]
    return places(suspects, lambda path: file)


def edited(candidate: Candidate, source: bytes = SOURCE) -> bytes:
    return apply(source, [(one.start, one.end, one.new) for one in candidate.splices])


def test_the_same_seed_gives_the_same_order():
    first, second = (list(islice(stream(sites(), seed=7), 800)) for _ in range(2))
    assert first == second


def test_another_seed_gives_the_same_candidates():
    source = b"def f(a, b):\n    return a < b\n"
    one, other = (
        {edited(found, source) for found in stream(sites(source, range(1, 3)), seed=seed)} for seed in (1, 2)
    )
    assert one == other


def test_a_cursor_goes_on_where_the_search_stopped():
    whole = list(islice(stream(sites()), 300))
    rest = list(islice(stream(sites(), cursor=whole[120].ordinal), 180))
    assert rest == whole[120:]


def test_ordinals_grow():
    ordinals = [candidate.ordinal for candidate in islice(stream(sites()), 500)]
    assert ordinals == sorted(set(ordinals))


def test_every_candidate_is_a_new_program():
    results = [edited(candidate) for candidate in stream(sites())]
    assert len(results) > 2000
    assert len(set(results)) == len(results)
    assert SOURCE not in results


def test_candidates_that_differ_in_blanks_or_brackets_only_come_once():
    source = b"def f(a, b):\n    return a < b\n"
    results = {ast.dump(ast.parse(edited(one, source))) for one in stream(sites(source, range(1, 3)))}
    assert len(results) == len(list(stream(sites(source, range(1, 3)))))


def test_every_splice_matches_the_bytes_it_replaces():
    for candidate in islice(stream(sites()), 1500):
        for splice in candidate.splices:
            assert SOURCE[splice.start : splice.end] == splice.old


def test_every_candidate_of_a_real_file_parses():
    source = inspect.getsource(argparse_module()).encode()
    lines = range(1, source.count(b"\n"))
    file = SourceFile("argparse.py", source)
    found = places((Suspect(path="m", line=line, score=1.0) for line in lines[::4]), lambda path: file)
    checked = list(islice(stream(found), 1500))
    for candidate in checked[::30]:
        ast.parse(edited(candidate, source))
    assert len(checked) == 1500


def argparse_module():  # type: ignore[no-untyped-def]
    import argparse

    return argparse


def test_nothing_is_made_before_it_is_asked_for():
    file = SourceFile("m.py", SOURCE)
    loaded = places((Suspect(path="m.py", line=line, score=1.0) for line in range(1, 20)), lambda path: file)
    next(stream(loaded))
    assert "attributes" not in vars(file.ingredients)


def test_a_candidate_names_the_function_whose_body_it_changes():
    names = {candidate.function for candidate in stream(sites())}
    assert names == {"", "Queue.__init__", "Queue.take", "outer", "outer.<locals>.inner"}


def test_a_change_of_a_header_belongs_to_the_code_around_it():
    headers = [one for one in stream(sites(lines=range(5, 6))) if one.template == "defaults.value"]
    assert headers and {one.function for one in headers} == {""}


def test_the_first_candidates_come_from_many_families_and_lines():
    first = list(islice(stream(sites()), 200))
    assert len({one.template for one in first}) >= 15
    assert len({one.line for one in first}) >= 6


@pytest.mark.parametrize("line", [3, 6])
def test_suspects_that_name_no_statement_are_left_out(line):
    file = SourceFile("m.py", b"x = 1\n\n# nothing\n")
    assert places([Suspect(path="m.py", line=line, score=1.0)], lambda path: file) == ()


def test_a_missing_file_is_left_out():
    assert places([Suspect(path="gone.py", line=1, score=1.0)], lambda path: None) == ()


def test_code_that_only_another_python_understands_still_gets_candidates():
    source = b"def f(a, b):\n    print a, b\n    return a + b\n"
    found = [edited(one, source) for one in stream(sites(source, range(3, 4)))]
    assert b"def f(a, b):\n    print a, b\n    return a - b\n" in found


def test_candidates_in_a_method_keep_class_private_names_and_closures():
    source = textwrap.dedent(
        """
        class C:
            __x = 1
            def f(self, n):
                total = 0
                def add():
                    nonlocal total
                    total += n
                add()
                return total + self.__x
        """
    ).encode()
    found = list(islice(stream(sites(source, range(1, 11))), 300))
    assert len(found) == 300
    for one in found:
        compile(edited(one, source), "m.py", "exec")
