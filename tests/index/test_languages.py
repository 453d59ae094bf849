"""What each language's query finds in a small file that was labelled by hand."""

from pathlib import Path

import pytest

from agent.index.extract import Extract, extract
from agent.index.grammar import LANGUAGES, language_in, language_of

SAMPLES = Path(__file__).parent.parent / "data" / "languages"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".labels")


def _labels(facts: Extract) -> list[str]:
    rows = facts.definitions
    lines = [
        f"{row[2]} {row[1]} {row[4]}-{row[5]}{' test' if row[11] else ''} | {row[10]}".rstrip(" |")
        for row in rows
    ]
    callees, counts, _ = facts.calls
    lines += sorted(
        f"call {receiver}{'.' if receiver else ''}{name} x{count}"
        for (receiver, name), count in zip(callees, counts, strict=True)
    )
    lines += [
        f"import {module!r} {name!r} as {alias!r} {line}" for module, name, alias, line in facts.imports
    ]
    lines += [f"parent {rows[ordinal][1]} {name}" for ordinal, name in facts.parents]
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_what_its_labels_say(path: Path) -> None:
    source = path.read_bytes()
    facts = extract(language_in(language_of(path.name), source), source)
    assert not facts.has_errors
    labels = path.with_name(f"{path.name}.labels").read_text(encoding="utf-8").splitlines()
    assert _labels(facts) == labels


def test_every_language_has_a_labelled_file() -> None:
    seen = {language_in(language_of(path.name), path.read_bytes()) for path in FILES}
    assert seen == {language.name for language in LANGUAGES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_half_a_file_still_says_what_its_first_half_holds(path: Path) -> None:
    source = path.read_bytes()
    language = language_in(language_of(path.name), source)
    cut = len(source) * 2 // 3
    whole, half = extract(language, source), extract(language, source[:cut])
    complete = {row[0] for row in whole.definitions if row[7] < cut}
    found = {row[0] for row in half.definitions}
    assert len(complete & found) >= len(complete) / 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_places_are_bytes_of_the_file(path: Path) -> None:
    source = path.read_bytes()
    facts = extract(language_in(language_of(path.name), source), source)
    for name, _, _, _, first, last, start, end, name_byte, *_ in facts.definitions:
        assert source.count(b"\n", 0, start) + 1 == first
        assert first <= last <= source.count(b"\n", 0, end) + 1
        assert start <= name_byte < end
        assert name.split("::")[-1].encode()[:3] in source[name_byte:end] or " " in name
    names = [name for (_, name), count in zip(*facts.calls[:2], strict=True) for _ in range(count)]
    for name, end in zip(names, facts.calls.ends, strict=True):
        assert source[:end].endswith(name.encode())
