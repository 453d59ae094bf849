"""Search over real repositories: what is found, why, and what must not be seen."""

import pytest

from agent.index.search.hybrid import Search
from agent.repo.history import past_commits
from tests.index.conftest import Project

DATES = '''"""Reads dates."""

import re


class DateReader:
    """Reads dates of one form."""

    pattern = r"\\d+-\\d+"

    def parse_month(self, text):
        """Return the month of a text."""

        def to_number(part):
            return int(part)

        return to_number(text.split("-")[1])

    def parse_year(self, text):
        return int(text.split("-")[0])
'''
MONEY = '''"""Reads amounts of money."""

CURRENCY_SIGN = "$"


def parse_amount(text):
    """Return the amount, without its sign."""
    if not text.startswith(CURRENCY_SIGN):
        raise ValueError("the amount has no currency sign in front")
    return float(text[1:])
'''
TESTS = '''from shop.dates import DateReader


def test_parse_month():
    """The month of a text, the month, the month."""
    assert DateReader().parse_month("2020-12") == 12
'''
FILES = {
    "shop/__init__.py": "",
    "shop/dates.py": DATES,
    "shop/money.py": MONEY,
    "tests/test_dates.py": TESTS,
    "docs/guide.md": "# Guide\n\nThe month of a text is read by the date reader. The month!\n",
}


def search(project, revision=None):
    view = project.view(revision)
    return Search(view, past_commits(view.git, view.commit), view.edges())


@pytest.fixture
def shop(project):
    project.commit(FILES, "Read dates and money")
    return project


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A search that no test changes anything of."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "project").mkdir()
    made = Project(folder / "project", folder / "state")
    made.git("init", "-q", "-b", "main")
    made.commit(FILES, "Read dates and money")
    yield search(made)
    made.close()


def test_a_sentence_finds_the_function_that_does_it(found):
    hit = found.hits("wrong month returned for a text", 5)[0]
    assert (hit.path, hit.symbol, hit.kind) == ("shop/dates.py", "DateReader.parse_month", "method")
    assert (hit.start, hit.end) == (11, 17)


def test_a_hit_says_which_rankings_gave_its_score(found):
    hit = found.hits("`parse_amount` fails", 5)[0]
    assert hit.symbol == "parse_amount"
    assert {"words", "symbols", "file.words", "file.symbols"} <= hit.why.keys()
    assert sum(hit.why.values()) == pytest.approx(hit.score)


def test_many_good_places_in_one_file_do_not_hide_the_next_file(project):
    many = "".join(f"def widget{n}():\n    return 'widget gadget'\n\n\n" for n in range(30))
    project.commit({"many.py": many, "one.py": "def other():\n    return 'widget'\n"})
    hits = search(project).hits("widget gadget", 10)
    assert "one.py" in [hit.path for hit in hits[:4]]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_word_in_another_form_is_found(found):
    assert found.hits("parsing of months", 1)[0].symbol == "DateReader.parse_month"


def test_a_nested_function_is_shown_as_the_one_around_it(found):
    symbols = [hit.symbol for hit in found.hits("to_number", 10)]
    assert symbols[0] == "DateReader.parse_month"
    assert not any("to_number" in symbol for symbol in symbols)


def test_a_trace_leads_to_its_innermost_function_of_the_repository(found):
    text = (
        "Crash\n\nTraceback (most recent call last):\n"
        '  File "/home/me/.venv/site-packages/shop/dates.py", line 3, in parse_month\n'
        '  File "/usr/lib/python3.11/shop/money.py", line 9, in parse_amount\n'
        '  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode\n'
    )
    assert found.files(text, 1)[0].path == "shop/money.py"
    assert [hit.symbol for hit in found.hits(text, 2)] == ["parse_amount", "DateReader.parse_month"]
    assert "trace" in found.hits(text, 1)[0].why


def test_a_path_and_a_dotted_module_are_places(found):
    assert found.files("look at shop/money.py please", 1)[0].path == "shop/money.py"
    why = found.files("`shop.money` is slow", 1)[0].why
    assert "paths" in why


def test_a_message_is_found_where_it_is_raised(found):
    text = "It failed\n\nValueError: the amount has no currency sign in front\n"
    hit = found.hits(text, 1)[0]
    assert hit.symbol == "parse_amount"
    assert "phrases" in hit.why


def test_tests_and_prose_come_after_the_code(found):
    paths = [hit.path for hit in found.files("the month of a text")]
    assert paths[0] == "shop/dates.py"
    assert {"tests/test_dates.py", "docs/guide.md"} <= set(paths)


def test_a_constant_that_is_named_is_a_hit_of_its_own(found):
    assert "CURRENCY_SIGN" in [hit.symbol for hit in found.hits("CURRENCY_SIGN", 5)]


def test_a_question_that_nothing_answers_has_no_hits(found):
    assert found.hits("zzz qqq") == []
    assert found.hits("") == []


def test_the_subject_of_a_past_commit_speaks_for_its_files(shop):
    shop.commit({"shop/money.py": MONEY + "\n# rounded\n"}, "Mend the frobnication")
    hit = search(shop).files("frobnication is back", 1)[0]
    assert hit.path == "shop/money.py"
    assert "history" in hit.why


def test_files_that_were_changed_together_are_near_each_other(shop):
    for number in range(3):
        shop.commit({"shop/money.py": MONEY + f"# {number}\n", "shop/rates.py": f"x = {number}\n"}, "c")
    assert "graph" in search(shop).files("parse_amount", 5)[-1].why


def test_nothing_newer_than_the_snapshot_is_seen(shop):
    before = shop.git("rev-parse", "HEAD")
    question = "wobbly turnstile in the month"
    old = [(hit.path, hit.symbol, hit.score) for hit in search(shop, before).hits(question)]
    shop.commit(
        {
            "shop/money.py": MONEY + '\n\ndef wobbly_turnstile():\n    """The wobbly turnstile."""\n',
            "shop/turnstile.py": "def wobbly():\n    return 1\n",
        },
        "Fix the wobbly turnstile in the month",
    )
    new = search(shop)
    assert new.hits(question)[0].path in ("shop/turnstile.py", "shop/money.py")
    then = search(shop, before)
    assert [(hit.path, hit.symbol, hit.score) for hit in then.hits(question)] == old
    assert all("turnstile" not in hit.path + hit.symbol for hit in then.hits(question, 100))
    view = shop.view(before)
    assert not [commit for commit in past_commits(view.git, view.commit) if "wobbly" in commit.subject]


def test_a_dirty_file_is_searched_as_it_is_now(shop):
    shop.write({"shop/money.py": MONEY.replace("parse_amount", "read_sum")})
    assert search(shop).hits("read_sum", 1)[0].symbol == "read_sum"
    assert search(shop, "HEAD").hits("parse_amount", 1)[0].symbol == "parse_amount"


def test_the_same_question_gets_the_same_answer(shop):
    first = search(shop).hits("parse the month of a text", 20)
    assert search(shop).hits("parse the month of a text", 20) == first


def test_reading_ahead_changes_no_answer(shop):
    cold, prepared = search(shop), search(shop)
    pieces = list(prepared.prepare())
    assert len(pieces) > 1
    for question in ("parse the month of a date", "currency sign", "parse_amount"):
        assert prepared.hits(question) == cold.hits(question)


def test_a_file_called_as_a_word_of_the_question_is_found(project):
    project.commit({**FILES, "shop/till.py": "def open_it():\n    return 1\n"})
    assert search(project).files("Wrong sum in the till")[0].path == "shop/till.py"
    by_its_test = {hit.path: hit.why for hit in search(project).files("warnings in test_till")}
    assert by_its_test["shop/till.py"]["names"] > 0


def test_words_side_by_side_find_the_file_called_like_both(project):
    shown = {
        "shop/priceboard.py": "def show():\n    return 1\n",
        "shop/gift_card.py": "def show():\n    return 2\n",
    }
    project.commit({**FILES, **shown})
    found = {hit.path: hit.why for hit in search(project).files("Wrong price board, and no gift-card")}
    assert found["shop/priceboard.py"]["joined"] > 0
    assert found["shop/gift_card.py"]["joined"] > 0


def test_a_file_that_answers_the_title_comes_before_one_that_answers_the_rest(project):
    one, other = "def one():\n    return 'turnstile'\n", "def other():\n    return 'escalator'\n"
    project.commit({"one.py": one, "other.py": other})
    hits = search(project).files("The turnstile jams\n\nIt stands behind an escalator.")
    assert [hit.path for hit in hits] == ["one.py", "other.py"]
    assert ["title" in hit.why for hit in hits] == [True, False]


def test_two_good_definitions_weigh_more_than_many_poor_ones(project):
    many = "".join(f"def poor{n}():\n    return 'gadget'\n\n\n" for n in range(40))
    good = "def good():\n    return 'gadget, widget, sprocket'\n"
    project.commit({"many.py": many, "good.py": good})
    hits = search(project).files("gadget, widget and sprocket")
    assert [hit.path for hit in hits] == ["good.py", "many.py"]
    assert hits[0].why["best"] > hits[1].why["best"] > 0


def test_code_of_examples_and_documentation_comes_after_the_code_that_it_shows(project):
    code = "def month():\n    return 'month of a date'\n"
    project.commit(dict.fromkeys(("docs/conf.py", "examples/show.py", "shop/month.py", "zoo.py"), code))
    paths = [hit.path for hit in search(project).files("wrong month of a date")]
    assert set(paths[:2]) == {"shop/month.py", "zoo.py"}
    assert set(paths[2:]) == {"docs/conf.py", "examples/show.py"}


def test_words_that_every_file_has_still_find_something(project):
    project.commit({"basket.py": "def total(): pass\n", "use.py": "import basket\nbasket.total()\n"})
    assert {hit.path for hit in search(project).files("total basket")} >= {"basket.py", "use.py"}


def test_few_hits_are_the_first_of_many(found):
    for question in (
        "parse the month of a text",
        "currency sign",
        "parse_amount fails",
        "guide",
        "tests of dates",
    ):
        many = found.hits(question, 100)
        for limit in range(1, len(many) + 1):
            assert found.hits(question, limit) == many[:limit]
