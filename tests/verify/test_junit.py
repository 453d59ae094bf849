"""JUnit files of foreign runners are read, and nothing in them is executed, fetched or expanded."""

import pytest

from agent.protocol.check import TestResult, TestStatus
from agent.verify.junit import BadJUnit, read_junit

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="s" tests="4">
  <properties><property name="a" value="b"/></properties>
  <testcase classname="pkg.Case" name="ok" time="1,234.5"/>
  <testcase classname="pkg.Case" name="bad" time="x">
    <failure message="1 != 2" type="E">at line 3 &lt;x&gt;</failure><system-out>noise</system-out></testcase>
  <testcase name="worse"><error type="Boom"/></testcase>
  <testcase file="a.js" name="off"><skipped/></testcase>
</testsuite></testsuites>"""


def test_every_kind_of_result_is_read() -> None:
    assert read_junit(FILE) == (
        TestResult(id="pkg.Case::ok", status=TestStatus.PASSED, seconds=1234.5),
        TestResult(
            id="pkg.Case::bad",
            status=TestStatus.FAILED,
            assertion=True,
            message="1 != 2",
            details="at line 3 <x>",
        ),
        TestResult(id="worse", status=TestStatus.ERROR, message="Boom"),
        TestResult(id="a.js::off", status=TestStatus.SKIPPED),
    )


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
)
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'
)
CUT = FILE[:200]
DEEP = b"<a>" * 1000
STRANGE = [
    f'<?xml version="1.0" encoding="{name}"?><testsuite/>'.encode()
    for name in ("base64", "utf-7", "idna", "unicode_escape", "undefined", "no-such", "cp932", "cp4242")
]


@pytest.mark.parametrize("data", [BOMB, OUTSIDE, CUT, DEEP, b"", b"not xml", b"\xff\xfe\x00", *STRANGE])
def test_what_is_no_plain_junit_is_refused(data: bytes) -> None:
    with pytest.raises(BadJUnit):
        read_junit(data)


@pytest.mark.parametrize("name", ["UTF-8", "us-ascii", "ISO-8859-1", "windows-1252", "iso-8859-15"])
def test_the_encodings_of_real_files_are_read(name: str) -> None:
    (found,) = read_junit(f'<?xml version="1.0" encoding="{name}"?><testcase name="a"/>'.encode())
    assert found.id == "a"


def test_only_the_results_that_are_asked_for_are_kept() -> None:
    wanted = {TestStatus.FAILED, TestStatus.ERROR}
    assert [test.id for test in read_junit(FILE, wanted)] == ["pkg.Case::bad", "worse"]
    assert [test.id for test in read_junit(FILE, wanted, 1)] == ["pkg.Case::bad"]
