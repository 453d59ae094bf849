"""What is said in a format is read back as exactly the change that was meant."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import pytest

from agent.patches.render import render
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.round_trips import round_trips

ROUND_TRIPS = 100_000
CHUNK = 250


@pytest.mark.parametrize("format", EditFormat)
def test_a_change_said_in_a_format_is_read_back_exactly(format: EditFormat) -> None:
    done, refused = round_trips((format, 1, 60))
    assert done > 50 and not refused


@pytest.mark.long
def test_a_hundred_thousand_changes_are_read_back_exactly() -> None:
    formats = [*EditFormat]
    # Some of the generated changes change nothing and are not counted.
    chunks = ROUND_TRIPS * 11 // (CHUNK * 10)
    cases = [(formats[number % len(formats)], 1000 + number, CHUNK) for number in range(chunks)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(round_trips, cases))
    done, refused = (sum(one[place] for one in found) for place in (0, 1))
    print(f"{done} round trips, all exact; {refused} changes refused")
    assert done >= ROUND_TRIPS
    assert refused <= done / 1000


def test_what_a_format_cannot_say_is_refused() -> None:
    before, after = {"a.py": b"\xff\xc3\xa9\n"}, {"a.py": b"\xff\xc3\xa9\n\xfe\n"}
    for format in EditFormat:
        with pytest.raises(PatchRefused, match="cannot be said"):
            render(format, before, after)


def test_nothing_is_said_of_nothing() -> None:
    assert render(EditFormat.V4A, {"a": b"x"}, {"a": b"x"}) == ""
