"""What `[bot]` promises about GitHub, tried out with a few requests that change nothing."""

from collections.abc import Iterator, Mapping

from agent.repo.forge.errors import ForgeError
from agent.repo.forge.github.accounts import AppShape, InstallationShape, LimitsShape
from agent.repo.forge.github.api import Api
from agent.repo.forge.github.github import GitHub, open_api
from agent.repo.forge.github.shape import parsed
from agent.sections import BotConfig
from agent.sight import Sight, Verdict

PERMISSIONS = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
"""What an App of ours needs."""
EVENTS = (
    "check_run",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review_comment",
    "workflow_run",
)
"""What an App of ours listens to."""
_LEVELS = ("read", "write", "admin")
_FEW = 0.1
_TOKENS = {
    "github_pat_": "a fine-grained personal access token",
    "ghp_": "a classic personal access token",
    "ghs_": "a token of a workflow or an installation",
    "gho_": "a token of an OAuth app",
    "ghu_": "a token of a user of an App",
}
_SCOPES = ("repo", "workflow")


def probe(config: BotConfig) -> Iterator[Sight]:
    """Try key, identity, permissions, events and limits, in this order, up to the first that is fatal."""
    api = open_api(config, None)
    try:
        yield _key(api, config)
        yield Sight("identity", Verdict.KEPT, f"writes as {GitHub(api, config.web).me().login}")
        yield from _of_app(api) if config.app is not None else _of_token(api)
        yield _limit(api)
    except ForgeError as error:
        yield Sight(
            "access", Verdict.BROKEN, error.message, error.hint or "look at [bot] of the configuration"
        )
    finally:
        api.wire.close()


def _key(api: Api, config: BotConfig) -> Sight:
    token = api.authority.own()
    if config.app is not None:
        return Sight("key", Verdict.KEPT, f"the private key of the App {config.app}")
    kind = next((kind for start, kind in _TOKENS.items() if token.startswith(start)), "a token")
    return Sight("key", Verdict.KEPT, f"{kind}, found at {config.token}")


def _of_app(api: Api) -> Iterator[Sight]:
    app = api.get(AppShape, None, "app")
    yield _permissions("permissions", app.permissions, "change them in the settings of the App")
    if silent := [event for event in EVENTS if event not in app.events]:
        detail = f"the App does not get {', '.join(silent)}"
        yield Sight("events", Verdict.BROKEN, detail, "subscribe to them in the settings of the App")
    else:
        yield Sight("events", Verdict.KEPT, "the App gets all that Ratchet listens to")
    yield from _installations(api)


def _installations(api: Api) -> Iterator[Sight]:
    found = list(api.pages(InstallationShape, None, "app", "installations"))
    if not found:
        yield Sight(
            "installations", Verdict.BROKEN, "the App is installed nowhere", "install it for a repository"
        )
        return
    yield Sight("installations", Verdict.KEPT, f"the App is installed {len(found)} times")
    remedy = "its owner has to accept the new permissions of the App"
    seen = (_permissions(f"installation {one.id}", one.permissions, remedy) for one in found)
    yield from (one for one in seen if one.verdict is not Verdict.KEPT)


def _permissions(aspect: str, given: Mapping[str, str], remedy: str) -> Sight:
    if missing := [
        f"{name}: {level}" for name, level in PERMISSIONS.items() if not _enough(given, name, level)
    ]:
        return Sight(aspect, Verdict.BROKEN, f"lacks {', '.join(missing)}", remedy)
    return Sight(aspect, Verdict.KEPT, "all that Ratchet needs")


def _enough(given: Mapping[str, str], name: str, level: str) -> bool:
    has = given.get(name, "")
    return has in _LEVELS and _LEVELS.index(has) >= _LEVELS.index(level)


def _of_token(api: Api) -> Iterator[Sight]:
    answer = api.ask("GET", None, "rate_limit")
    # Only classic tokens say what they may.
    said = answer.headers.get("x-oauth-scopes")
    if said is None:
        yield Sight(
            "permissions", Verdict.DOUBTFUL, "this kind of token does not say what it may", "none needed"
        )
        return
    scopes = [one.strip() for one in said.split(",")]
    if missing := [scope for scope in _SCOPES if scope not in scopes]:
        detail = f"the token lacks the scopes {', '.join(missing)}"
        yield Sight("permissions", Verdict.BROKEN, detail, "make a token with them")
    else:
        yield Sight("permissions", Verdict.KEPT, f"the token has the scopes {', '.join(_SCOPES)}")


def _limit(api: Api) -> Sight:
    rate = parsed(LimitsShape, api.ask("GET", "", "rate_limit").content).rate
    detail = f"{rate.remaining} of {rate.limit} requests are left in this hour"
    if rate.remaining <= rate.limit * _FEW:
        return Sight("rate limit", Verdict.DOUBTFUL, detail, "writing waits until the hour is over")
    return Sight("rate limit", Verdict.KEPT, detail)
