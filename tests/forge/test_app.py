"""An App says who it is with a signature, and gets tokens for an hour that do no more than was asked."""

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.forge.conftest import ROOT, Client, app_token
from tests.forge.fake import APP, INSTALLATION, FakeForge
from tests.forge.repository import Repository

TOKENS = f"/app/installations/{INSTALLATION}/access_tokens"


def test_an_app_is_known_by_its_signature_alone(fake: FakeForge, as_: Client) -> None:
    assert as_(app_token(fake)).get("/app").json()["slug"] == "ratchet"
    now = int(time.time())
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": str(APP), "iat": now, "exp": now + 60}
    wrong = [
        jwt.encode(claims, strange, algorithm="RS256"),
        jwt.encode(claims, "secret" * 8, algorithm="HS256"),
        app_token(fake, exp=now - 1),
        app_token(fake, exp=now + 3600),
        app_token(fake, iss="1"),
        fake.token.text,
        "a.b.c",
    ]
    assert [as_(token).get("/app").status_code for token in wrong] == [401] * len(wrong)


def test_a_token_does_no_more_than_was_asked(fake: FakeForge, shop: Repository, as_: Client) -> None:
    secret = fake.add_repository("acme/secret", private=True)
    app = as_(app_token(fake))
    assert app.get(f"{ROOT}/installation").json()["id"] == INSTALLATION
    asked = {"repositories": ["shop"], "permissions": {"checks": "write", "contents": "read"}}
    answer = app.post(TOKENS, json=asked).json()
    assert answer["expires_at"].endswith("Z") and "." not in answer["expires_at"]
    narrow = as_(answer["token"])
    check = {"name": "ratchet", "head_sha": shop.head(1)}
    assert narrow.post(f"{ROOT}/check-runs", json=check).json()["app"]["id"] == APP
    assert narrow.post(f"{ROOT}/issues/1/comments", json={"body": "b"}).status_code == 403
    assert narrow.get(f"/repos/{secret.name}").status_code == 404
    assert app.post(TOKENS, json={"repositories": ["nowhere"]}).status_code == 422
    assert app.post(TOKENS, json={"permissions": {"actions": "write"}}).status_code == 422
    assert app.post("/app/installations/1/access_tokens").status_code == 404
    assert app.get(f"{ROOT}/pulls/1").status_code == 403


def test_a_token_of_an_installation_comes_to_an_end(fake: FakeForge, shop: Repository, as_: Client) -> None:
    app = as_(app_token(fake))
    wide = as_(app.post(TOKENS).json()["token"])
    assert wide.get(f"{ROOT}/pulls/1").status_code == 200
    assert wide.get("/installation/repositories").json()["total_count"] == 1
    fake.revoke()
    assert wide.get(f"{ROOT}/pulls/1").status_code == 401
    fake.expire_tokens_after(0)
    assert as_(app.post(TOKENS).json()["token"]).get(f"{ROOT}/pulls/1").status_code == 401


def test_an_app_that_is_not_installed_reads_only_what_everybody_may(
    fake: FakeForge, shop: Repository, as_: Client
) -> None:
    shop.hosted.installed = False
    app = as_(app_token(fake))
    assert app.get(f"{ROOT}/installation").status_code == 404
    assert app.post(TOKENS, json={"repositories": ["shop"]}).status_code == 422
    token = as_(app.post(TOKENS).json()["token"])
    assert token.get(f"{ROOT}/pulls/1").status_code == 200
    assert token.post(f"{ROOT}/issues/1/comments", json={"body": "b"}).status_code == 403


@pytest.mark.parametrize("header", ["Bearer", "Basic !!!", "Digest x", "Bearer ghs_unknown"])
def test_nonsense_instead_of_a_token_is_refused(fake: FakeForge, shop: Repository, header: str) -> None:
    headers = {"Authorization": header, "User-Agent": "tests"}
    answer = httpx.get(f"{fake.url}{ROOT}", headers=headers, trust_env=False)
    assert answer.status_code == (200 if header == "Bearer" else 401)
