from tests.e2e.conftest import CART, Ratchet, Repository

FIXED = CART["cart.py"].replace("amount + discount", "amount - discount")
FAILING = "test_cart.py::test_discount_is_taken_off"


def test_a_change_that_fixes_a_test_is_verified(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({"cart.py": FIXED})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("verified", 0), report
    assert report["verdict"]["fixed"] == [FAILING]
    assert report["verdict"]["passed"] == 2


def test_a_change_that_breaks_a_test_is_broken(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({"cart.py": CART["cart.py"].replace("len(prices)", "len(prices) + 1")})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("broken", 21), report
    assert report["verdict"]["broken"] == ["test_cart.py::test_count"]


def test_uncommitted_changes_are_judged_without_an_argument(cart: Repository, ratchet: Ratchet) -> None:
    cart.write({"cart.py": FIXED})
    before = cart.fingerprint()
    report = ratchet.json("verify", "-C", str(cart.path))
    assert report["outcome"] == "verified", report
    assert report["verdict"]["fixed"] == [FAILING]
    assert cart.fingerprint() == before


def test_deleting_a_test_is_losing_it(cart: Repository, ratchet: Ratchet) -> None:
    kept = CART["test_cart.py"].partition("\n\ndef test_count")[0]
    cart.commit({"test_cart.py": kept})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("broken", 21), report
    assert report["verdict"]["vanished"] == ["test_cart.py::test_count"]


def test_a_new_test_that_fails_without_its_fix_counts_as_fixed(cart: Repository, ratchet: Ratchet) -> None:
    added = CART["test_cart.py"] + "\n\ndef test_free():\n    assert total([3], discount=3) == 0\n"
    cart.commit({"cart.py": FIXED, "test_cart.py": added})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    assert report["outcome"] == "verified", report
    assert sorted(report["verdict"]["fixed"]) == [FAILING, "test_cart.py::test_free"]


def test_a_change_with_older_failures_is_strictly_told_apart(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({"cart.py": CART["cart.py"] + "\n\nVERSION = 1\n"})
    arguments = ("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    report = ratchet.json(*arguments)
    assert (report["outcome"], report["exit"]) == ("verified_with_preexisting", 0), report
    assert report["verdict"]["still_failing"] == [FAILING]
    assert ratchet.json(*arguments, "--strict")["exit"] == 10


def test_a_syntax_error_is_a_new_diagnostic(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({"extra.py": "def broken(:\n    pass\n"})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("broken", 21), report
    assert [d["location"]["path"] for d in report["verdict"]["diagnostics"]] == ["extra.py"]


def test_a_shell_command_as_the_check_reports_test_by_test(cart: Repository, ratchet: Ratchet) -> None:
    cart.commit({"cart.py": FIXED})
    report = ratchet.json("verify", "HEAD~1..HEAD", "-C", str(cart.path), "--test", "python -m pytest -q")
    assert report["outcome"] == "verified", report
    assert report["verdict"]["fixed"] == [FAILING]
