"""From test ids to what pytest collects, and from collected items back to ids."""

import os

import pytest
import ratchet_options


class Selection:
    """A pytest plugin: the repository's options minus those that change what runs, and only these tests."""

    def __init__(self, ids):
        self._ids = ids

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        """Neutralize before plugins start to work."""
        ratchet_options.neutralize(early_config.known_args_namespace)
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config):
        """Neutralize before any plugin acts on the final options."""
        ratchet_options.neutralize(config.option)
        ratchet_options.fix_seed(config.option)
        if hasattr(config.option, "continue_on_collection_errors"):
            config.option.continue_on_collection_errors = True
        yield

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        """Point the session at the tests; options and root stay those of a run of everything."""
        ratchet_options.silence_plugins(session.config.pluginmanager)
        session.config.args = arguments(self._ids)


def arguments(ids):
    """Return the files to collect; asked for by name, pytest would run tests in the order of the names."""
    found = dict.fromkeys(test_id.partition("::")[0] for test_id in ids)
    return [path for path in found if os.path.exists(path)]


def choose(items, ids):
    """Return (the wanted items by id in collection order, the ids that match nothing)."""
    wanted = set(ids)
    files = {test_id for test_id in wanted if "::" not in test_id}
    chosen, found = [], set()
    for item in items:
        path = item.nodeid.partition("::")[0]
        if item.nodeid in wanted or path in files:
            chosen.append((item.nodeid, item))
            found.update((item.nodeid, path))
    return chosen, sorted(wanted - found)
