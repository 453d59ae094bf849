"""The XML files among what a run kept: found, fetched without a token, unpacked within bounds."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.repo.forge.errors import ForgeUnreachable, NotOnForge
from agent.repo.forge.github.artifacts import LARGEST, Unpacking, promising
from agent.repo.forge.github.runs import ArtifactShape
from agent.repo.forge.open import open_forge
from agent.repo.forge.port import Forge
from tests.forge.faults import Fault
from tests.forge.repository import zipped
from tests.repo.forge.answering import Asked, Said, answering
from tests.repo.forge.conftest import SHOP, Shop

_MIB = 1 << 20
_REPORT = b"<testsuite/>"


def unpacked(archive: bytes) -> list[bytes]:
    return list(Unpacking().files(archive))


def run_with(shop: Shop) -> int:
    return shop.repository.fail_run(".github/workflows/ci.yml", "test", "Run pytest", "", shop.head)


def test_the_reports_of_a_run_are_its_xml_files(forge: Forge, shop: Shop) -> None:
    run = run_with(shop)
    assert list(forge.reports(SHOP, run)) == []
    shop.repository.add_artifact(run, "dist", {"a.whl": b"PK", "b.XML": "<b/>"})
    shop.repository.add_artifact(run, "junit", {"deep/er/a.xml": "<a/>", "a.xml.txt": "x"})
    shop.repository.add_artifact(run, "old reports", {"c.xml": "<c/>"}, expired=True)
    shop.repository.add_artifact(run, "test broken", b"PK\x03\x04 and no more")
    assert list(forge.reports(SHOP, run)) == [b"<a/>", b"<b/>"]


def test_reports_from_before_the_attempt_are_left_out(shop: Shop) -> None:
    run = run_with(shop)
    shop.repository.add_artifact(run, "junit", {"a.xml": "<a/>"})
    began = shop.forge().run(SHOP, run).started
    assert began > 0
    assert list(shop.forge().reports(SHOP, run, began)) == [b"<a/>"]
    assert list(shop.forge().reports(SHOP, run, began + 3600)) == []


def test_log_and_reports_of_a_repository_that_was_renamed_are_found(shop: Shop) -> None:
    made = shop.fake.add_repository("acme/old", private=True)
    run = made.fail_run(".github/workflows/ci.yml", "test", "Run pytest", "one", made.branches()["main"])
    made.add_artifact(run, "junit", {"a.xml": "<a/>"})
    made.rename("new")
    forge = shop.forge()
    assert list(forge.reports("acme/old", run)) == [b"<a/>"]
    assert forge.log("acme/old", forge.jobs("acme/old", run, 1)[0].id) == "one"


def test_what_is_gone_when_it_is_asked_for_keeps_nothing_else_away(shop: Shop) -> None:
    run = run_with(shop)
    for name in ("a", "b"):
        shop.repository.add_artifact(run, name, {f"{name}.xml": f"<{name}/>"})
    for fault in (Fault.GONE, Fault.NOT_FOUND, Fault.FORBIDDEN):
        shop.fake.faults.add(fault, path="*/zip")
        assert list(shop.forge().reports(SHOP, run)) == [b"<a/>"]
    # What may be there in a minute is not taken for gone.
    shop.fake.faults.add(Fault.BAD_GATEWAY, path="*/zip")
    with pytest.raises(ForgeUnreachable):
        list(shop.forge().reports(SHOP, run))
    with pytest.raises(NotOnForge):
        list(shop.forge().reports(SHOP, 999_999))


def test_an_archive_is_fetched_from_another_host_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "ghp_secret")
    sizes = {"/1": [zipped({"a.xml": "<a/>"})], "/2": [b"x" * _MIB] * 21}
    with answering(lambda asked: Said(200, pieces=sizes[asked.path])) as blobs:

        def listing(asked: Asked) -> Said:
            if asked.path.endswith("/zip"):
                number = asked.path.split("/")[-2]
                return Said(302, None, {"Location": f"{blobs.url}/{number}"})
            return Said(200, {"artifacts": [{"id": 2, "name": "test", "size_in_bytes": 5}, {"id": 1}]})

        with answering(listing) as server:
            # The larger one lies about its size.
            assert list(open_forge(server.config(), None).reports(SHOP, 1)) == [b"<a/>"]
        assert [asked.path for asked in blobs.asked] == ["/2", "/1"]
        assert not any("authorization" in asked.headers for asked in blobs.asked)


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", ""])
def test_an_archive_is_fetched_by_http_alone(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "ghp_secret")

    def pointing(asked: Asked) -> Said:
        if asked.path.endswith("/zip"):
            return Said(302, None, {"Location": place})
        return Said(200, {"artifacts": [{"id": 1}]})

    with answering(pointing) as server:
        assert list(open_forge(server.config(), None).reports(SHOP, 1)) == []


def test_few_artifacts_are_fetched_and_those_called_as_reports_first() -> None:
    many = [ArtifactShape(id=number, name="dist") for number in range(20)]
    named = [ArtifactShape(id=90, name="JUnit-3.11"), ArtifactShape(id=91, name="x", expired=True)]
    large = ArtifactShape(id=92, name="test-results", size_in_bytes=LARGEST + 1)
    assert [one.id for one in promising([large, *many, *named], 0)] == [90, *range(9)]


def test_names_that_lead_elsewhere_lead_nowhere() -> None:
    names = ["../../etc/cron.d/a.xml", "/root/b.xml", "C:\\c.xml", "d.xml\x00.sh", "e.xml/", "f.xml"]
    assert unpacked(zipped(dict.fromkeys(names, _REPORT))) == [_REPORT] * 5


def test_a_bomb_is_not_set_off() -> None:
    zeros = b" " * (5 * _MIB + 1)
    assert unpacked(zipped({"large.xml": zeros, "small.xml": _REPORT})) == [_REPORT]
    many = zipped({f"{number}.xml": zeros[:-1] for number in range(3)})
    room = Unpacking(most=12 * _MIB)
    assert [len(one) for _ in range(2) for one in room.files(many)] == [5 * _MIB] * 2
    assert unpacked(zipped(dict.fromkeys((f"{number}.xml" for number in range(10_001)), b""))) == []


def test_an_entry_that_says_less_than_it_holds_is_not_unpacked_further() -> None:
    archive = bytearray(zipped({"a.xml": b" " * _MIB, "b.xml": _REPORT}))
    for header, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = archive.index(header) + offset
        archive[at : at + 4] = struct.pack("<I", 10)
    assert unpacked(bytes(archive)) == [_REPORT]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_bounds_are_not_tried(method: int) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("a.xml", _REPORT)
    assert unpacked(content.getvalue()) == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_archive_is_too_broken(data: st.DataObject) -> None:
    archive = bytearray(zipped({"a.xml": "<a>text</a>" * 9, "b.txt": "b", "c.xml": ""}))
    for _ in range(data.draw(st.integers(1, 6))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 40))
    assert all(len(one) < _MIB for one in unpacked(bytes(archive[: len(archive) - cut])))
