"""What the code index adds to localization, on a real repository with a failing test."""

from agent.planners.search.hints import read_hints
from tests.planners.bench import Bench

FILES = {
    "shop/__init__.py": "",
    "shop/basket.py": "from shop.rates import rate\n\n\ndef total(n):\n    return n * rate()\n",
    "shop/rates.py": "def rate():\n    return 3\n\n\ndef other():\n    return 'the parcel is too heavy'\n",
    "shop/parcel.py": "def weigh():\n    raise ValueError('the parcel is too heavy for us')\n",
    "test_shop.py": "from shop.basket import total\n\n\ndef test_total():\n    assert total(2) == 4\n",
}


def test_what_the_failing_test_calls_is_hinted_at_the_nearer_the_more(bench: Bench) -> None:
    with bench.problem(FILES) as problem:
        hints = read_hints(problem)
        far, near, elsewhere = (
            hints.at(path, line)
            for path, line in (("shop/rates.py", 2), ("shop/basket.py", 5), ("shop/parcel.py", 2))
        )
        assert elsewhere < far < near


def test_what_the_message_quotes_is_hinted_at(bench: Bench) -> None:
    files = {
        **FILES,
        "test_shop.py": "def test_parcel():\n    raise ValueError('the parcel is too heavy for us')\n",
    }
    with bench.problem(files) as problem:
        assert read_hints(problem).at("shop/parcel.py", 2) == 1
