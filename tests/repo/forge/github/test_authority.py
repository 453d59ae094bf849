"""As whom the forge is asked: tokens that are narrow, kept, made anew, and never shown."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.repo.forge.errors import ForgeError, ForgeRefused, NotOnForge
from agent.repo.forge.open import open_forge
from agent.repo.mirror import Mirror
from agent.repo.remote import RemoteRefused
from tests.forge.fake import INSTALLATION, FakeForge
from tests.repo.forge.answering import Asked, Said, answering
from tests.repo.forge.conftest import SHOP, Shop


def minted(fake: FakeForge) -> list[object]:
    return [asked.body for asked in fake.requests if asked.path.endswith("/access_tokens")]


@pytest.mark.parametrize("installation", [None, INSTALLATION])
def test_a_token_of_the_app_is_for_one_repository_and_is_kept(shop: Shop, installation: int | None) -> None:
    forge = shop.forge("app", installation)
    before = len(minted(shop.fake))
    for _ in range(3):
        forge.default_branch(SHOP)
    forge.git_access(SHOP)
    assert minted(shop.fake)[before:] == [{"repositories": ["shop"]}]


def test_a_token_is_made_anew_before_it_expires(shop: Shop) -> None:
    shop.fake.expire_tokens_after(11 * 60)
    forge = shop.forge("app")
    before = len(minted(shop.fake))
    first, second = forge.git_access(SHOP), forge.git_access(SHOP)
    shop.fake.expire_tokens_after(None)
    assert len(minted(shop.fake)) == before + 2
    assert first.header != second.header


def test_a_token_that_was_revoked_is_made_anew_once(shop: Shop) -> None:
    forge = shop.forge("app")
    forge.default_branch(SHOP)
    shop.fake.revoke()
    before = len(shop.fake.requests)
    assert forge.default_branch(SHOP).name == "main"
    tried = [(asked.method, asked.path.rpartition("/")[2]) for asked in shop.fake.requests[before:]]
    assert tried == [("GET", "shop"), ("POST", "access_tokens"), ("GET", "shop"), ("GET", "main")]


def test_an_app_that_is_not_installed_there_is_refused(shop: Shop) -> None:
    shop.repository.fork("mallory")
    for installation in (None, 1):
        with pytest.raises(NotOnForge):
            shop.forge("app", installation).default_branch("mallory/shop")
    # A token for acme/shop, which is public to it as to everybody.
    with pytest.raises(ForgeError):
        shop.forge("app", INSTALLATION).react("mallory/shop", 1, "eyes")


@pytest.mark.parametrize(
    "expires", ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00.123Z", "2099-01-01T00:00:00+00:00", "", "soon"]
)
def test_an_expiry_is_read_in_all_its_spellings(
    shop: Shop, expires: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "POST":
            return Said(201, {"token": "ghs_x", "expires_at": expires, "new": {}})
        return Said(
            200, {"full_name": SHOP, "default_branch": "main", "name": "main", "commit": {"sha": "a" * 40}}
        )

    # No variable holds lines everywhere.
    monkeypatch.setenv("ONE_LINE", shop.fake.app.private_key.replace("\n", "\\n"))
    with answering(answer) as server:
        forge = open_forge(server.config(app=7, private_key="env:ONE_LINE"), 8)
        for _ in range(2):
            assert forge.default_branch(SHOP).commit == "a" * 40
        assert [one.path for one in server.asked if one.method == "POST"] == [
            "/app/installations/8/access_tokens"
        ]
        kinds = {one.headers["authorization"].split(".")[0] for one in server.asked[1:]}
    assert kinds == {"Bearer ghs_x"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RATCHET_APP_KEY", None, "`private_key` of [bot] names env:RATCHET_APP_KEY, which is empty."),
        ("RATCHET_APP_KEY", "-----BEGIN x-----", "`private_key` of [bot] is no RSA key."),
        ("GITHUB_TOKEN", None, "`token` of [bot] names env:GITHUB_TOKEN, which is empty."),
        ("GITHUB_TOKEN", "a b", "`token` of [bot] names env:GITHUB_TOKEN, which holds characters"),
    ],
)
def test_a_key_that_is_missing_or_wrong_is_named(
    shop: Shop, name: str, value: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    with pytest.raises(ForgeRefused) as refused:
        shop.forge("app" if name == "RATCHET_APP_KEY" else "workflow").default_branch(SHOP)
    assert refused.value.message.startswith(said)
    assert refused.value.hint


def test_a_key_of_somebody_else_is_refused_with_a_hint(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_of_nobody")
    with pytest.raises(ForgeRefused, match="401") as refused:
        shop.forge().default_branch(SHOP)
    assert "ratchet doctor" in refused.value.hint


def test_no_secret_is_logged(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # The forge's own end of it.
    caplog.set_level(logging.WARNING, "uvicorn.access")
    forge = shop.forge("app")
    secret = forge.git_access(SHOP).header.split()[-1]
    (job,) = forge.jobs(SHOP, shop.run, 1)
    calls: tuple[Callable[[], object], ...] = (
        lambda: forge.log(SHOP, job.id),
        lambda: forge.pull(SHOP, 999),
        lambda: forge.create_comment(SHOP, 999, "x"),
    )
    for call in calls:
        try:
            call()
        except ForgeError as error:
            assert secret not in repr(error) + str(error.__cause__) + str(error.__context__)
    assert "sig=1" not in caplog.text
    assert secret not in caplog.text
    assert "ghs_" not in caplog.text


def test_git_fetches_and_pushes_with_what_the_forge_gives(shop: Shop, tmp_path: Path) -> None:
    hidden = shop.fake.add_repository("acme/hidden", private=True)
    commit = hidden.commit("fix", {"a.py": "x = 1\n"}, onto="main")
    access = shop.forge("app").git_access("acme/hidden")
    mirror = Mirror.at(tmp_path, "acme/hidden")
    mirror.fetch(access, [commit])
    assert mirror.push(access, "ratchet/t1", commit) == commit
    assert hidden.branches()["ratchet/t1"] == mirror.tip(access, "ratchet/t1") == commit
    # Whoever has a token for one repository alone has none for another.
    other = shop.forge("app").git_access(SHOP).header
    with pytest.raises(RemoteRefused):
        mirror.tip(access.model_copy(update={"header": other}), "main")
