"""The shapes of tokens that providers hand out, each known by its beginning."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORTEST = 15
"""Bytes of the shortest token that is known by its beginning."""
_IN_TOKENS = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.=/-") | set(
    range(128, 256)
)
_SPACED = bytes(byte if byte in _IN_TOKENS else 32 for byte in range(256))


class Shape(NamedTuple):
    """Tokens of one kind: a beginning, and what follows it; its group, or all of it, is the secret."""

    kind: str
    stems: tuple[str, ...]
    rest: "re.Pattern[str]"


def _shape(kind: str, *stems: str, rest: str) -> Shape:
    """Return the shape of tokens that are no plain words after their beginning."""
    return Shape(kind, stems, re.compile(f"(?=[a-z_.=-]{{0,40}}[0-9A-Z]){rest}"))


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of every token in a text."""
    runs = _runs(text)
    for kind, stems, rest in PREFIXED:
        for stem in stems:
            if stem.encode("ascii") not in runs:
                continue
            end = 0
            for place in places(text, stem):
                if place < end or text[place - 1 : place].isalnum():
                    continue
                if (found := rest.match(text, place + len(stem))) is not None:
                    end = found.end()
                    yield place, end, kind
    for kind, hints, pattern in FREE:
        if any(hint in text for hint in hints):
            yield from ((*found.span(pattern.groups), kind) for found in pattern.finditer(text))


def _runs(text: str) -> bytes:
    """Return what is long enough to hold a token that is known by its beginning, an eighth of most code."""
    parts = text.encode("utf-8", "surrogatepass").translate(_SPACED).split()
    return b" ".join([part for part in parts if len(part) >= SHORTEST])


def places(text: str, stem: str) -> Iterator[int]:
    """Yield where a string occurs, which is many times faster than an expression that looks for it."""
    place = text.find(stem)
    while place >= 0:
        yield place
        place = text.find(stem, place + len(stem))


PREFIXED: tuple[Shape, ...] = (
    _shape("aws_key", "AKIA", "ASIA", "ABIA", "ACCA", rest=r"[A-Z2-7]{16}(?![A-Za-z0-9])"),
    _shape("github_token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", rest=r"[A-Za-z0-9_.-]{30,255}"),
    _shape("github_token", "github_pat_", rest=r"\w{22,255}"),
    _shape(
        "gitlab_token",
        *("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-"),
        rest=r"[\w.-]{20,300}",
    ),
    _shape(
        "slack_token",
        *("xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"),
        rest=r"[\w.-]{10,300}",
    ),
    _shape("slack_webhook", "hooks.slack.com/services/", rest=r"[\w/]{20,200}"),
    # OpenAI, Anthropic, OpenRouter, DeepSeek and others all begin their keys with it.
    _shape("model_key", "sk-", "csk-", rest=r"[A-Za-z0-9_-]{20,300}"),
    _shape("model_key", "gsk_", "r8_", "hf_", "fw_", rest=r"[A-Za-z0-9]{24,100}"),
    _shape("model_key", "xai-", "pplx-", "nvapi-", "tvly-", rest=r"[A-Za-z0-9_-]{24,200}"),
    _shape("google_key", "AIza", rest=r"[\w-]{35}"),
    _shape("google_token", "ya29.", "GOCSPX-", "1//0", rest=r"[\w-]{24,300}"),
    _shape(
        "stripe_key", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", rest=r"[A-Za-z0-9]{16,200}"
    ),
    _shape("registry_token", "npm_", rest=r"[A-Za-z0-9]{36}"),
    _shape("registry_token", "pypi-", rest=r"[\w-]{50,300}"),
    _shape(
        "registry_token",
        "rubygems_",
        "dckr_pat_",
        "dckr_oat_",
        "cio",
        rest=r"[A-Za-z0-9_-]{27,100}(?![A-Za-z0-9])",
    ),
    _shape("twilio_key", "SK", rest=r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    _shape("sendgrid_key", "SG.", rest=r"[\w-]{16,64}\.[\w-]{16,64}"),
    _shape("mailgun_key", "key-", rest=r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    _shape("digitalocean_token", "dop_v1_", "doo_v1_", "dor_v1_", rest=r"[0-9a-f]{64}"),
    _shape("databricks_token", "dapi", rest=r"[0-9a-f]{32}"),
    _shape("shopify_token", "shpat_", "shpca_", "shppa_", "shpss_", rest=r"[0-9a-fA-F]{32}"),
    _shape("square_token", "sq0atp-", "sq0csp-", rest=r"[\w-]{22,64}"),
    _shape("vault_token", "hvs.", "hvb.", "hvr.", rest=r"[\w-]{24,300}"),
    _shape("atlassian_token", "ATATT3", "ATCTT3", "ATBB", rest=r"[\w=-]{24,300}"),
    _shape(
        "service_token", "lin_api_", "ntn_", "figd_", "PMAK-", "pul-", "NRAK-", rest=r"[A-Za-z0-9_-]{24,100}"
    ),
    _shape(
        "service_token",
        "sntrys_",
        "sntryu_",
        "glsa_",
        "glc_",
        "tskey-",
        "pscale_tkn_",
        "dp.pt.",
        "dp.st.",
        "dt0c01.",
        rest=r"[\w=.-]{24,300}",
    ),
    _shape("heroku_key", "HRKU-", rest=r"[0-9a-zA-Z_-]{32,100}"),
    _shape("age_key", "AGE-SECRET-KEY-1", rest=r"[0-9A-Z]{50,64}"),
)
FREE: tuple[Shape, ...] = (
    Shape("telegram_token", (":AA",), re.compile(r"(?<!\d)\d{8,10}:AA[\w-]{32,34}(?![\w-])")),
    Shape("jwt", ("eyJ",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]*+")),
    Shape(
        "azure_key",
        ("AccountKey=", "SharedAccessKey="),
        re.compile(r"(?:Account|SharedAccess)Key=([A-Za-z0-9+/=]{32,128})"),
    ),
    Shape(
        "basic_auth",
        ("://",),
        re.compile(r"://[^\s/:@'\"<>]{0,128}:((?![$<{%*]|(?:pass(?:word)?|secret|x+)@)[^\s/@'\"<>]{3,256})@"),
    ),
    Shape(
        "authorization",
        ("uthorization", "UTHORIZATION"),
        re.compile(
            r"(?:[Aa]uthorization|AUTHORIZATION)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}f?[\"']?"
            r"(?:(?i:bearer|basic|token)[ \t]{1,4})?([A-Za-z0-9+/=._~-]{16,2048})"
        ),
    ),
    Shape("authorization", ("earer ",), re.compile(r"\b[Bb]earer ([A-Za-z0-9+/=._~-]{20,2048})")),
)
