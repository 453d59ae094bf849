"""Secrets are cut out of text, code that only speaks of them is not."""

import base64
import random
import string
from urllib.parse import quote

import pytest

from agent.untrusted.guard import guard
from agent.untrusted.redact import redact
from agent.untrusted.tokens import PREFIXED, SHORTEST, Shape, tokens

RANDOM = random.Random(7)


def some(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Return a random value that holds a letter and a digit."""
    return "a1Z" + "".join(RANDOM.choices(alphabet, k=length - 3))


HEX = string.digits + "abcdef"
UPPER = string.ascii_uppercase + "234567"
TOKENS = {
    "aws_key": "AKIA" + "".join(RANDOM.choices(UPPER, k=16)),
    "github_token": "ghp_" + some(36),
    "gitlab_token": "glpat-" + some(20),
    "slack_token": "xoxb-123456789012-" + some(24),
    "slack_webhook": "hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/" + some(24),
    "model_key": "sk-proj-" + some(48),
    "google_key": "AIza" + some(35),
    "google_token": "GOCSPX-" + some(28),
    "stripe_key": "sk_live_" + some(24),
    "registry_token": "npm_" + some(36),
    "twilio_key": "SK" + "".join(RANDOM.choices(HEX, k=32)),
    "sendgrid_key": f"SG.{some(22)}.{some(43)}",
    "mailgun_key": "key-" + "".join(RANDOM.choices(HEX, k=32)),
    "digitalocean_token": "dop_v1_" + "".join(RANDOM.choices(HEX, k=64)),
    "databricks_token": "dapi" + "".join(RANDOM.choices(HEX, k=32)),
    "shopify_token": "shpat_" + "".join(RANDOM.choices(HEX, k=32)),
    "square_token": "sq0atp-" + some(22),
    "vault_token": "hvs." + some(24),
    "atlassian_token": "ATATT3" + some(60),
    "service_token": "lin_api_" + some(40),
    "heroku_key": "HRKU-" + some(36),
    "age_key": "AGE-SECRET-KEY-1" + "".join(RANDOM.choices(UPPER, k=58)),
    "telegram_token": "123456789:AA" + some(33),
    "jwt": f"eyJ{some(20)}.eyJ{some(30)}.{some(43)}",
    "azure_key": "AccountKey=" + some(86) + "==",
}


@pytest.mark.parametrize(("kind", "secret"), TOKENS.items())
@pytest.mark.parametrize(
    "around", ["{}", "x = '{}'\n", "see {} there", "https://h/?k={} b=1", '{{"a":"{}"}}']
)
def test_a_token_of_a_provider_is_cut_out_wherever_it_stands(kind: str, secret: str, around: str) -> None:
    found = redact(around.format(secret))
    assert secret not in found.text
    assert found.text == around.format(
        secret.replace(secret.partition("=")[2] or secret, f"[redacted: {kind}]")
    )
    assert found.kinds == (kind,)


@pytest.mark.parametrize("form", [str, lambda key: base64.b64encode(key.encode()).decode(), quote])
def test_a_value_that_we_know_is_found_in_every_usual_spelling(form: "object") -> None:
    assert callable(form)
    key = "correct horse/battery+staple"
    found = redact(f"Authorization={form(key)} and the rest", known=[key, "", "abc"])
    assert form(key).rstrip("=") not in found.text
    assert found.text.endswith("and the rest")


PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "\n".join(some(64) for _ in range(5))
    + "\nq2w=\n-----END RSA PRIVATE KEY-----\n"
)


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("\n", "\\n"),
        "".join(f'    "{line}\\n"\n' for line in PEM.splitlines()),
        PEM.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n", 1),
        PEM.partition("\nq2w=")[0],
    ],
)
def test_a_private_key_is_cut_out_whole_and_its_lines_stay_counted(text: str) -> None:
    found = redact(f"before\n{text}\nafter")
    assert found.kinds == ("private_key",)
    assert not any(line.strip(' "\\n') in found.text for line in PEM.splitlines()[1:6])
    assert found.text.count("\n") == text.count("\n") + 2
    assert found.text.startswith("before\n")
    assert found.text.endswith("after")


def test_code_that_speaks_of_private_keys_holds_none() -> None:
    code = 'if "-----BEGIN PRIVATE KEY-----" in text and "-----END PRIVATE KEY-----" in text:\n    pass\n'
    assert redact(code).text == code


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("DB_PASSWORD=hunter22", "hunter22"),
        ("export API_TOKEN=abc123def", "abc123def"),
        ('password = "s3cr3t-Horse9"', "s3cr3t-Horse9"),
        ("client_secret: 9fK2mPq8Zr4TxW1b", "9fK2mPq8Zr4TxW1b"),
        ('{"api_key": "0f8a7b6c5d4e3f2a1b0c"}', "0f8a7b6c5d4e3f2a1b0c"),
        ("os.environ['SECRET_KEY'] = 'q9w8e7r6t5y4u3'", "q9w8e7r6t5y4u3"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYz91", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYz91"),
        ("postgres://admin:tr0ub4dor@db:5432/x", "tr0ub4dor"),
        ("https://:ci-deploy-8841@git.example.org/a", "ci-deploy-8841"),
        ("Authorization: Bearer abcdef0123456789abcdef", "abcdef0123456789abcdef"),
        ("curl -H 'Authorization: Basic dXNlcjpwYXNzd29yZA=='", "dXNlcjpwYXNzd29yZA=="),
    ],
)
def test_a_value_whose_name_or_place_says_it_is_secret_is_cut_out(line: str, secret: str) -> None:
    found = redact(f"a\n{line}\nb")
    assert secret not in found.text
    assert found.kinds
    assert found.text.count("\n") == 2


@pytest.mark.parametrize("path", [".env", "a/.env.local", "conf/app.yaml", "setup.cfg", ".npmrc"])
def test_in_a_settings_file_a_plain_word_is_a_secret_too(path: str) -> None:
    assert "correcthorse" not in redact("password: correcthorse\n", path=path).text
    assert redact("password: correcthorse\n", path="a.py").text == "password: correcthorse\n"
    untouched = "password: ${DB_PASSWORD}\ntoken: null\ntoken_limit: 4096\nsecret: <yours>\n"
    assert redact(untouched, path=path).text == untouched


@pytest.mark.parametrize(
    "code",
    [
        "token = self.next_token()",
        "    password: str",
        "secret_key: SecretStr = Field(...)",
        "password=password,",
        "    token=token2",
        "api_key = os.environ['API_KEY']",
        'api_key = "your-api-key-here"',
        "max_tokens = 4096",
        "tokens: list[str] = []",
        "for key in keys: d[key] = value",
        'cache_key = f"{user.id}:{page}"',
        "class sk-toggleable__content-container",
        'assert "password" in form.errors',
        "PASSWORD_FIELD = models.CharField",
        "token.type == TokenType.NAME",
        "http://localhost:8080/path@2x.png",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "raise ValueError('secret must not be empty')",
        "def test_tokenizer_splits_on_whitespace():",
    ],
)
def test_code_without_a_secret_stays_as_it_is(code: str) -> None:
    assert redact(code + "\n").text == code + "\n"


def test_a_secret_that_hidden_characters_split_is_found_all_the_same() -> None:
    key = TOKENS["github_token"]
    found = guard(f"{key[:9]}\u200b{key[9:20]}\x1b[0m{key[20:]}")
    assert found.text == "[redacted: github_token]"
    assert found.flags == ("ansi", "zero_width", "secret:github_token")


def test_overlapping_secrets_leave_no_rest() -> None:
    key = TOKENS["model_key"]
    found = redact(f'API_KEY="{key}" Bearer {key}', known=[key, key[5:30]])
    assert key[-8:] not in found.text
    assert key[:12] not in found.text


@pytest.mark.parametrize("shape", PREFIXED, ids=lambda shape: shape.kind)
def test_the_shortest_token_of_each_beginning_is_found(shape: Shape) -> None:
    tails = (part * 300 for part in ("1A", "1a", "A2", "1a1a1a1a1a1a1a1a."))
    tail = min((tail[:n] for tail in tails for n in range(300) if shape.rest.fullmatch(tail[:n])), key=len)
    for stem in shape.stems:
        assert len(stem + tail) >= SHORTEST
        assert shape.kind in {kind for *_, kind in tokens(f"x = '{stem}{tail}'\n")}
