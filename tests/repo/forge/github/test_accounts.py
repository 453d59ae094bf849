"""Who is who, from answers of all kinds."""

import pytest

from agent.protocol.forge import Permission
from agent.repo.forge.github.accounts import PermissionShape, UserShape
from agent.repo.forge.open import open_forge
from tests.repo.forge.answering import Asked, Said, answering
from tests.repo.forge.conftest import SHOP, Shop


@pytest.mark.parametrize(
    ("said", "permission"),
    [
        ({"permission": "admin", "role_name": "admin"}, Permission.ADMIN),
        ({"permission": "write", "role_name": "maintain"}, Permission.MAINTAIN),
        ({"permission": "write", "role_name": "write"}, Permission.WRITE),
        ({"permission": "read", "role_name": "triage"}, Permission.TRIAGE),
        ({"permission": "read", "role_name": "admin"}, Permission.READ),
        ({"permission": "read", "role_name": "our reviewers"}, Permission.READ),
        ({"permission": "none", "role_name": "write"}, Permission.NONE),
        ({"permission": "owner", "role_name": "owner"}, Permission.NONE),
        ({"role_name": "admin"}, Permission.NONE),
        ({"permission": "write"}, Permission.WRITE),
    ],
)
def test_the_name_of_a_role_alone_gives_nothing(said: dict[str, str], permission: Permission) -> None:
    assert PermissionShape.model_validate(said).value() is permission


@pytest.mark.parametrize(
    ("login", "type", "bot"), [("ada", "User", False), ("r[bot]", "User", True), ("r", "Bot", True)]
)
def test_a_bot_is_told_by_its_type_or_its_name(login: str, type: str, bot: bool) -> None:
    assert UserShape(login=login, id=1, type=type).value().bot is bot


def test_an_app_that_is_installed_nowhere_knows_who_it_is(shop: Shop) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/app":
            return Said(200, {"id": 7, "slug": "r"})
        if asked.path == "/users/r%5Bbot%5D" and "authorization" not in asked.headers:
            return Said(200, {"login": "r[bot]", "id": 9, "type": "Bot"})
        return Said(200, [])

    with answering(answer) as server:
        assert open_forge(server.config(app=7), None).me().id == 9


def test_a_repository_is_public_or_not(shop: Shop) -> None:
    forge = shop.forge("pat")
    assert forge.is_public(SHOP)
    shop.fake.add_repository("acme/vault", private=True)
    assert not forge.is_public("acme/vault")
