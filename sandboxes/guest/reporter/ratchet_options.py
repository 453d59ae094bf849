"""Options of pytest and its plugins that change which tests run, or in which order, set back to neutral.

PYTEST_DONT_REWRITE
"""

# Destination in the parsed options, its neutral value, how a user writes it.
_NEUTRAL = (
    ("maxfail", 0, "--maxfail"),
    ("lf", False, "--last-failed"),
    ("failedfirst", False, "--failed-first"),
    ("newfirst", False, "--new-first"),
    ("stepwise", False, "--stepwise"),
    ("stepwise_skip", False, "--stepwise-skip"),
    ("cacheshow", None, "--cache-show"),
    ("collectonly", False, "--collect-only"),
    ("setuponly", False, "--setup-only"),
    ("setupplan", False, "--setup-plan"),
    ("setupshow", False, "--setup-show"),
    ("usepdb", False, "--pdb"),
    ("trace", False, "--trace"),
    ("numprocesses", None, "-n"),
    ("maxprocesses", None, "--maxprocesses"),
    ("dist", "no", "--dist"),
    ("tx", [], "--tx"),
    ("px", [], "--px"),
    ("looponfail", False, "--looponfail"),
    ("workers", None, "--workers"),
    ("tests_per_worker", None, "--tests-per-worker"),
    ("cov_source", [], "--cov"),
    ("cov_fail_under", None, "--cov-fail-under"),
    ("reruns", None, "--reruns"),
    ("force_flaky", False, "--force-flaky"),
    ("randomly_reorganize", False, "--randomly"),
)
_SILENT = {"randomly_reorganize"}
_COLOURS = ("yes", "auto")

# Hooks of plugins that repeat or reorder tests; their other hooks and fixtures stay.
_REPEATING = {
    "pytest_rerunfailures": ("pytest_runtest_protocol",),
    "flaky.flaky_pytest_plugin": ("pytest_runtest_protocol",),
    "pytest_retry.retry_plugin": ("pytest_runtest_makereport",),
    "pytest_randomly": ("pytest_collection_modifyitems",),
    "random_order.plugin": ("pytest_collection_modifyitems",),
    "pytest_random_order.plugin": ("pytest_collection_modifyitems",),
    "pytest_reverse": ("pytest_collection_modifyitems",),
}
_SEED = 1


def neutralize(options):
    """Set every known option back on a namespace of parsed options; returns those that were in force."""
    overridden = []
    for name, neutral, shown in _NEUTRAL:
        if not hasattr(options, name):
            continue
        value = getattr(options, name)
        if value and value != neutral and name not in _SILENT:
            overridden.append(_written(shown, value))
        setattr(options, name, neutral)
    if hasattr(options, "no_cov"):
        options.no_cov = True
    if hasattr(options, "color") and options.color in _COLOURS:
        options.color = "no"
    return overridden


def _written(shown, value):
    if value is True:
        return shown
    if isinstance(value, (list, tuple)):
        value = ",".join(str(part) for part in value if part is not True)
    return "%s=%s" % (shown, value) if value else shown


def silence_plugins(manager):
    """Take repeating and reordering hooks out of a plugin manager; returns the plugins concerned."""
    found = []
    for plugin in list(manager.get_plugins()):
        module = getattr(plugin, "__name__", None) or type(plugin).__module__
        for hook in _REPEATING.get(str(module), ()):
            if _remove(getattr(manager.hook, hook), plugin):
                found.append("plugin " + str(module).partition(".")[0])
    return sorted(set(found))


def _remove(caller, plugin):
    if not any(implementation.plugin is plugin for implementation in caller.get_hookimpls()):
        return False
    caller._remove_plugin(plugin)
    return True


def fix_seed(options):
    """Give pytest-randomly one seed for every run; its `reset` per test stays."""
    if hasattr(options, "randomly_seed"):
        options.randomly_seed = _SEED
