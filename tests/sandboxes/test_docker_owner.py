"""A container's owner is known to be gone only when it certainly is."""

import dataclasses
import os
import subprocess
import sys

import pytest

from sandboxes.docker_owner import Owner


@pytest.fixture
def ours() -> Owner:
    return Owner.of_process(os.getpid())


def test_an_owner_reads_back_as_it_was_written(ours):
    assert Owner.parse(str(ours)) == ours


@pytest.mark.parametrize("text", ["", "me", "a/b/c/d/e", "a/b/c/1", "a/b/c/-1/e", "a/b/c/1/e/f"])
def test_a_label_of_somebody_else_is_no_owner(text):
    assert Owner.parse(text) is None


def test_a_living_owner_is_not_gone(ours):
    assert not ours.is_gone(engine_is_local=True)


def test_a_dead_owner_is_gone():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.of_process(process.pid)
    assert not owner.is_gone(engine_is_local=True)
    process.communicate()
    assert owner.is_gone(engine_is_local=True)


def test_a_process_that_got_the_number_of_a_dead_owner_is_not_that_owner(ours):
    earlier = dataclasses.replace(ours, start=str(int(ours.start) - 1))
    assert earlier.is_gone(engine_is_local=True)


def test_an_owner_of_an_earlier_boot_is_gone_where_the_engine_shares_our_kernel(ours):
    earlier = dataclasses.replace(ours, boot="0" * 32)
    assert earlier.is_gone(engine_is_local=True)
    assert not earlier.is_gone(engine_is_local=False)


@pytest.mark.parametrize("unknown", [{"host": "0" * 16}, {"namespace": "1"}])
def test_an_owner_that_cannot_be_seen_from_here_is_not_gone(ours, unknown):
    elsewhere = dataclasses.replace(ours, pid=2**22 + 1, **unknown)
    assert not elsewhere.is_gone(engine_is_local=True)
