"""Reports as the tests of the writers want them, and texts that nobody means well with."""

from typing import Any

from agent.protocol.check import Location
from agent.protocol.conversation import Finding
from agent.protocol.event import SandboxInForce
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report, Tokens
from agent.protocol.verdict import Diagnostic, Failure, Scope, Tamper, TamperKind, Verdict

TREE = "7" * 40
MARK = "evil"
"""What every hostile text holds, so that a test can tell where it ended up."""
SECRET = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6"
HOSTILE = (
    f"{MARK} @octocat and @org/team",
    f"{MARK} fixes #1, closes owner/repo#2",
    f"{MARK} https://example.org/issues/3",
    f"{MARK} [link](https://example.org)",
    f"{MARK} ![image](https://example.org/x.png)",
    f"<img src=x onerror=alert(1)>{MARK}",
    f"</details></summary><script>{MARK}</script>",
    f"<!-- {MARK}",
    f"` {MARK} @octocat `",
    f"``{MARK}``` @octocat ` [a](b) ``````",
    f"````\n{MARK} @octocat\n````\n# heading",
    f"\n\n```\n# {MARK}\n\n| a | b |",
    f"{MARK} | a | b |\\| c |",
    f"~~~\n{MARK}",
    f"{MARK}\n::error file=a::b\n##[error]c",
    f"::stop-commands::{MARK}",
    f"##[add-mask]{MARK}",
    f"{MARK}\r\n::set-output name=x::y",
    f"{MARK}%0A::error::x",
    f"{MARK},line=9::injected",
    f"{MARK}\x1b[2Jcleared\x07",
    f"{MARK}\u202etxt.exe\u2066\u200b",
    f"{MARK}\U000e0041\U000e0042 hidden",
    f"{MARK}\x00\x01\x0b\ufffe\uffff\ud800",
    f"{MARK} {SECRET}",
    f"]]> &amp; <a b='{MARK}'>",
    f"*{MARK}* _x_ ~~y~~ **z**",
    f"\\`{MARK}\\` \\",
    f"- [x] {MARK}\n- item\n> quote",
    f"{MARK} :smile: &#64;octocat",
)


def verdict(**known: Any) -> Verdict:
    return Verdict(**{"tree": TREE, "scope": Scope.FULL, "passed": 3, "seconds": 1.0, **known})


def report(outcome: Outcome = Outcome.BROKEN, **known: Any) -> Report:
    plain: dict[str, Any] = {
        "task_id": "20261122-000000-00000000",
        "base_commit": "1" * 40,
        "tree": TREE,
        "branch": None,
        "patch": None,
        "files": (),
        "verdict": verdict(),
        "planner": None,
        "candidates": 0,
        "candidates_per_second": 0.0,
        "seconds": 2.0,
        "model_calls": 0,
        "tokens": Tokens(),
        "cost_usd": 0.0,
        "sandbox": SandboxInForce(kind="bubblewrap", image="root"),
        "reason": "the change breaks 1 test",
    }
    return Report(outcome=outcome, **{**plain, **known})


def hostile(text: str) -> Report:
    """A report that holds one text wherever outside text may be."""
    place = Location(path=text, line=3)
    test = f"tests/test_a.py::test[{text}]"
    measured = verdict(
        broken=(text, test),
        vanished=(f"{text}::x",),
        still_failing=(f"{text} 2",),
        flaky=(f"{text} 3",),
        fixed=(f"{text} 4",),
        notes=(text,),
        failures=(Failure(test=test, message=text, location=place),),
        diagnostics=(Diagnostic(tool=text, location=place, message=text, code=text),),
        tampering=(Tamper(kind=TamperKind.REMOVED, location=place, test=text, message=text),),
    )
    findings = tuple(
        Finding(path=text, line=0, title=text, body=text, evidence=text, proven=proven)
        for proven in (True, False)
    )
    return report(
        verdict=measured,
        findings=findings,
        reason=text,
        hint=text,
        log=text,
        answer=text,
        branch=text,
        patch=f"--- a/{text}\n+{text}\n",
        files=(text,),
    )
