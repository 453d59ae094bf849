"""Ten megabytes made to be slow are read once, not for ever."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "begins of keys": "-----BEGIN PRIVATE KEY-----",
    "begins of keys with lines": "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n",
    "one endless base64": "A",
    "open comments": "<!-- ",
    "escapes": "\x1b[",
    "open titles": "\x1b]0;",
    "escapes and digits": "\x1b[0;0;0;0;0;0",
    "invisible": "\u200d",
    "emoji joined": "😀\u200d",
    "names without values": "password=",
    "names with open quotes": "password='token=\"secret='",
    "spaces after a name": "password" + " " * 40,
    "prefixes": "sk-",
    "prefixes in a row": "ghp_",
    "jwt beginnings": "eyJ",
    "jwt parts": "eyJaaaaaaaaaa.",
    "addresses": "://",
    "addresses with colons": "://a:b",
    "addresses without an end": "://" + "a" * 100 + ":" + "b" * 255,
    "bearers": "Bearer ",
    "authorizations": "Authorization: Bearer",
    "our own mark": "</untrusted",
    "angle brackets": "<",
    "angle brackets and spaces": "<       ",
    "digits": "1",
    "carriage returns": "\r",
    "dashes": "-",
    "underscores": "_",
}
RUN = """
import resource, sys
sys.path.insert(0, {root!r})
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from agent.untrusted.delimit import delimit
from agent.untrusted.guard import guard
unit = {unit!r}
for path in ("", ".env"):
    text = unit * (10_000_000 // len(unit))
    found = guard(text, ["known-value-of-a-key"], path, rendered=True)
    assert found.text.count("\\n") == text.count("\\n")
    delimit(found.text, "x")
"""


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_ten_megabytes_of_it_end_within_a_minute_of_processor_time(name: str) -> None:
    code = RUN.format(root=str(ROOT), unit=HOSTILE[name])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
