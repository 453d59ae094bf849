"""What to do about a failed build, read from its log: advice for a person, never a decision."""

import re

_NO_COMPILER = re.compile(
    r"command '[\w./+-]*(?:gcc|cc|g\+\+|c\+\+)' failed: No such file|"
    r"(?:gcc|cc|g\+\+|clang): (?:command )?not found|unable to execute '[\w-]*(?:gcc|cc|g\+\+)'|"
    r"Unknown compiler\(s\)|error: \[Errno 2\][^\n]*gcc|Python\.h: No such file",
)
_REMEDIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"fatal error: ([\w./+-]+\.h): No such file"),
        'The header {0} is missing: name its Debian package, [environment] system = ["lib...-dev"].',
    ),
    (
        re.compile(r"cannot find -l([\w+-]+)"),
        'The library {0} is missing: name its Debian package, [environment] system = ["lib{0}-dev"].',
    ),
    (
        re.compile(r"(pg_config) executable not found"),
        '{0} is missing: [environment] system = ["libpq-dev"].',
    ),
    (_NO_COMPILER, 'A compiler is missing: [environment] system = ["gcc", "libc6-dev"].'),
    (
        re.compile(r"error: linker|(cargo|rustc)[`']?:? (?:command )?not found|(?:needs|requires) Rust"),
        'A Rust compiler is missing: [environment] system = ["cargo", "rustc"]; crates are not fetched.',
    ),
    (
        re.compile(r"([\w./-]+): (?:command )?not found"),
        'The program {0} is missing: name its Debian package, [environment] system = ["..."].',
    ),
    (
        re.compile(r"Temporary failure in name resolution|Network is unreachable|Name or service not known"),
        "The build tried to use the network, which it never has: keep what it loads in the repository, or "
        "name packages under [environment] packages or system.",
    ),
    (
        re.compile(r"does not satisfy Python\s*([^\s,]+)|requires a different Python[^\n]*not in '([^']+)'"),
        'The project does not support this Python: [environment] python = "3.x" in .ratchet.toml.',
    ),
    (
        re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'"),
        "The build needs the module {0}: add its package to build-system.requires in pyproject.toml, or "
        'choose another Python with [environment] python = "3.x".',
    ),
    (
        re.compile(r"Multiple top-level (?:packages|modules) discovered"),
        "The project does not say which packages it is made of: list them under [tool.setuptools] packages.",
    ),
    (
        re.compile(r"ImpImporter|use_2to3|No module named 'distutils'|has no attribute 'SafeConfigParser'"),
        'The build is older than this Python: choose an older one, [environment] python = "3.x".',
    ),
    (
        re.compile(r"\b([\w.-]+) was not found in the provided package locations"),
        "The build needs {0}, which has no wheel at the package index.",
    ),
    (
        re.compile(r"No space left on device"),
        "The disk of Ratchet's state is full (ratchet purge), or the build writes more than it may.",
    ),
)


def remedy(log: str) -> str:
    """Return one sentence of advice for a failed build, "" when nothing is recognized."""
    for pattern, advice in _REMEDIES:
        if match := pattern.search(log):
            groups = [group for group in match.groups() if group] or [match[0]]
            return advice.format(*groups)
    return ""


def needs_compiler(log: str) -> bool:
    """Tell whether a build failed for want of a C compiler."""
    return _NO_COMPILER.search(log) is not None
