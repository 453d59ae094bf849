"""The failpoints name calls that exist, so that a renamed one is found at once."""

import functools
import importlib

import pytest

from tests.kill.chains import CHAINS, CONTAINERS, DANGEROUS, STOPS
from tests.kill.triggers import Trigger

MANY = 40
_CHAINS = (DANGEROUS, *CHAINS.values(), *CONTAINERS.values())
_KILLS = {str(each): each for chain in _CHAINS for each in chain.triggers}
_ALL = _KILLS | {str(each): each for each in STOPS}


@pytest.mark.parametrize("trigger", _ALL.values(), ids=_ALL)
def test_a_failpoint_is_a_call_that_exists(trigger: Trigger) -> None:
    module, _, path = trigger.target.partition(":")
    assert callable(functools.reduce(getattr, path.split("."), importlib.import_module(module)))


def test_there_are_many_failpoints() -> None:
    assert len(_KILLS) >= MANY
