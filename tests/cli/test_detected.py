"""The file that `ratchet init` writes says exactly what was detected, whatever characters are in it."""

from hypothesis import given
from hypothesis import strategies as st

from agent.cli.detected import configuration
from agent.config import parse_repository
from agent.protocol.check import Check, CheckKind
from sandboxes.environment import EnvironmentSpec

PYTEST = Check(name="pytest", kind=CheckKind.PYTEST)
# What git and TOML can hold: no lone surrogates, no NUL.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)


def test_the_file_reads_well() -> None:
    spec = EnvironmentSpec(
        trust="t",
        python="3.12",
        project=True,
        requirements=("pytest>=7",),
        notes=("python 3.12: from requires-python >=3.9",),
    )
    assert configuration(spec, [PYTEST]).split("\n\n", 1)[1] == (
        "[environment]\n"
        "# python 3.12: from requires-python >=3.9\n"
        'python = "3.12"\n'
        "# Installed besides the project itself:\n"
        "#   pytest>=7\n"
        'packages = []    # more requirements, e.g. "freezegun>=1.4"\n'
        'system = []    # Debian packages, e.g. "libpq5"\n'
        "setup = []    # shell commands of the build, run without network\n"
        "\n"
        "[checks.pytest]\n"
        'command = "pytest"\n'
        'results = "pytest"    # read test by test\n'
    )


def test_a_repository_without_tests_is_told_how_to_name_its_check() -> None:
    text = configuration(EnvironmentSpec(trust="t"), [])
    assert "No tests were found" in text
    assert parse_repository(text.encode()).checks == {}


def test_a_note_cannot_become_a_setting() -> None:
    spec = EnvironmentSpec(trust="t", notes=("fine\n[sandbox]\nkind = 'process'\x1b[2J",))
    assert parse_repository(configuration(spec, [PYTEST]).encode()).environment.python == ""


@given(system=st.lists(TEXT), setup=st.lists(TEXT), python=TEXT, note=TEXT, requirement=TEXT)
def test_any_text_survives_the_file(
    system: list[str], setup: list[str], python: str, note: str, requirement: str
) -> None:
    spec = EnvironmentSpec(
        trust="t",
        python=python,
        system=tuple(system),
        setup=tuple(setup),
        notes=(note,),
        requirements=(requirement,),
    )
    read = parse_repository(configuration(spec, [PYTEST]).encode()).environment
    assert (read.python, read.system, read.setup) == (python, tuple(system), tuple(setup))


@given(name=TEXT.filter(bool), arguments=st.lists(TEXT, max_size=3))
def test_any_check_survives_the_file(name: str, arguments: list[str]) -> None:
    check = Check(name=name, kind=CheckKind.UNITTEST, argv=tuple(arguments))
    read = parse_repository(configuration(EnvironmentSpec(trust="t"), [check]).encode()).checks
    assert list(read) == [name]
    assert read[name].command.startswith("python -m unittest")
    assert read[name].results == "unittest"
