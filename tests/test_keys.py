"""References to keys: what they give, and what is said when they give nothing."""

import pytest

from agent.keys import KeyMissing, find_key, find_secret

CALLED = "`token` of [bot]"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"


def test_a_variable_gives_its_key_without_the_space_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", " ghp_abc\n")
    assert find_key("env:THE_KEY", CALLED) == "ghp_abc"
    assert find_key("", CALLED) == ""


def test_a_secret_of_many_lines_is_no_key_for_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", f"{PEM}\n")
    assert find_secret("env:THE_KEY", CALLED) == PEM
    with pytest.raises(KeyMissing, match="characters that no key has") as refused:
        find_key("env:THE_KEY", CALLED)
    assert "AAAA" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize("reference", ["ghp_pasted", "file:/etc/key", "env:", "keyring:"])
def test_what_is_no_reference_is_not_repeated(reference: str) -> None:
    with pytest.raises(KeyMissing, match="is not `env:VARIABLE`") as refused:
        find_key(reference, CALLED)
    assert "pasted" not in refused.value.message + refused.value.hint
    assert refused.value.message.startswith(CALLED)


def test_an_empty_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THE_KEY", raising=False)
    with pytest.raises(KeyMissing, match="names env:THE_KEY, which is empty") as missing:
        find_secret("env:THE_KEY", CALLED)
    assert "set THE_KEY where the daemon is started" in missing.value.hint
