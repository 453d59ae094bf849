"""Bounds of one exchange, and where what says who we are never goes."""

from collections.abc import Iterator
from threading import Event

import pytest

from agent.repo.forge.errors import ForgeRefused, ForgeUnreachable
from agent.repo.forge.github.github import GitHub, open_api
from agent.repo.forge.github.wire import Patience, Wire
from agent.repo.forge.open import open_forge
from tests.repo.forge.answering import Asked, Said, answering

SHOP = "acme/shop"
_MIB = 1 << 20
ISSUE = {"number": 1, "title": "t", "state": "open", "user": {"login": "ada", "id": 1}}


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "ghp_secret")


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: Asked) -> Said:
        return Said(pieces=(b"[" * _MIB for _ in range(64)))

    with answering(endless) as server, pytest.raises(ForgeRefused, match="larger than 16 MiB"):
        open_forge(server.config(), None).issue(SHOP, 1)


def test_an_answer_that_drips_is_given_up() -> None:
    def dripping(_: Asked) -> Said:
        def drops() -> Iterator[bytes]:
            for _ in range(600):
                yield b" "
                # Until the other side has had enough.
                Event().wait(0.05)

        return Said(pieces=drops())

    with answering(dripping) as server:
        forge = GitHub(open_api(server.config(), None, Patience(whole=0.3)), server.url)
        with pytest.raises(ForgeUnreachable, match="took too long"):
            forge.issue(SHOP, 1)


def test_what_cannot_be_sent_or_read_may_be_done_all_the_same() -> None:
    with answering(lambda _: Said(201, {"id": "x"})) as server:
        forge = open_forge(server.config(), None)
        with pytest.raises(ForgeUnreachable, match="lacks what is expected: id"):
            forge.create_comment(SHOP, 1, "x")
    with pytest.raises(ForgeUnreachable, match="no answer"):
        forge.create_comment(SHOP, 1, "x")


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://git.example.org/api/v3", "https://git.example.org/api/graphql"),
    ],
)
def test_queries_go_where_the_forge_takes_them(api: str, graphql: str) -> None:
    assert Wire(api).graphql == graphql


def test_a_token_goes_to_the_forge_alone() -> None:
    with answering(lambda _: Said(200, [ISSUE])) as other:

        def pointing(asked: Asked) -> Said:
            if asked.path.endswith("/comments?per_page=100"):
                return Said(200, [], {"Link": f'<{other.url}/next>; rel="next"'})
            return Said(302, None, {"Location": f"{other.url}/somewhere"})

        with answering(pointing) as server:
            forge = open_forge(server.config(), None)
            for ask in (
                lambda: forge.issue(SHOP, 1),
                lambda: list(forge.comments(SHOP, 1)),
                lambda: forge.create_comment(SHOP, 1, "x"),
            ):
                with pytest.raises(ForgeRefused, match=r"another host|somewhere else"):
                    ask()
        assert other.asked == []


def test_a_log_is_fetched_from_another_host_without_a_token_and_only_its_end() -> None:
    lines = [b"%07d\n" % number * 1000 for number in range(700)]
    with answering(lambda _: Said(200, pieces=lines)) as blobs:
        place = f"{blobs.url}/log?sig=1"
        with answering(lambda _: Said(302, None, {"Location": place})) as server:
            log = open_forge(server.config(), None).log(SHOP, 1)
        (asked,) = blobs.asked
    assert len(log) == 4 * _MIB
    assert log.endswith("0000699\n")
    assert asked.path == "/log?sig=1"
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x"])
def test_a_log_is_fetched_by_http_alone(place: str) -> None:
    with (
        answering(lambda _: Said(302, None, {"Location": place})) as server,
        pytest.raises(ForgeRefused, match="not fetched by https"),
    ):
        open_forge(server.config(), None).log(SHOP, 1)


def test_nothing_goes_in_a_circle() -> None:
    with answering(lambda asked: Said(301, None, {"Location": asked.path})) as server:
        forge = open_forge(server.config(), None)
        with pytest.raises(ForgeRefused, match="in a circle"):
            forge.issue(SHOP, 1)
        assert len(server.asked) == 4


def test_a_list_without_end_is_given_up() -> None:
    with answering(lambda asked: Said(200, [], {"Link": f'<{asked.path}>; rel="next"'})) as server:
        with pytest.raises(ForgeRefused, match="more than 10000 things"):
            list(open_forge(server.config(), None).comments(SHOP, 1))
        assert len(server.asked) == 100


def test_one_connection_serves_many_requests() -> None:
    with answering(lambda _: Said(200, ISSUE)) as server:
        forge = open_forge(server.config(), None)
        for _ in range(3):
            forge.issue(SHOP, 1)
        sent = server.asked[-1].headers
    assert sent["user-agent"].startswith("ratchet/")
    assert sent["authorization"] == "Bearer ghp_secret"
    assert sent["accept"] == "application/vnd.github+json"
