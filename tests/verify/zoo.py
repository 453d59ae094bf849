"""A test suite with one of every kind of test and outcome."""

OUTCOMES = """
import warnings
import pytest

def test_passes(): pass
def test_fails(): assert [1, 2] == [1, 3]
def test_raises(): raise KeyError("k")
def test_fails_by_hand(): pytest.fail("no")
def test_does_not_raise():
    with pytest.raises(ValueError): pass
def test_exits(): raise SystemExit(0)
def test_skips(): pytest.skip("later")
def test_xfails_by_hand(): pytest.xfail("known")
def test_warns(): warnings.warn("old", DeprecationWarning)

@pytest.mark.skip(reason="not here")
def test_is_skipped(): pass
@pytest.mark.skipif(True, reason="if")
def test_is_skipped_if(): pass
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_xpasses_strictly(): pass
@pytest.mark.xfail(raises=ValueError)
def test_xfails_otherwise(): raise KeyError

@pytest.fixture
def bad_setup(): raise OSError("setup")
@pytest.fixture
def bad_teardown():
    yield
    raise OSError("teardown")
@pytest.fixture
def skipping(): pytest.skip("in a fixture")

def test_setup_error(bad_setup): pass
def test_teardown_error(bad_teardown): pass
def test_fails_then_errs(bad_teardown): assert 0
def test_fixture_skips(skipping): pass
def test_no_such_fixture(nothing): pass

ODD = ["a b", "a::b", "[x]", "a/b", "-k", "\\u00e9", "\\n", "", "x" * 60, "$HOME", "'q'", "a.b"]
@pytest.mark.parametrize("x", ODD)
def test_odd_ids(x): assert x != "a/b"
@pytest.mark.parametrize("x", [])
def test_no_parameters(x): pass
@pytest.mark.parametrize("x,y", [(1, 2), (1, 2)])
def test_same_ids(x, y): assert x

class TestClass:
    def test_method(self): pass
    class TestInner:
        @pytest.mark.parametrize("n", [1, 2])
        def test_nested(self, n): assert n == 1
"""

UNITTEST = """
import unittest

class Plain(unittest.TestCase):
    def setUp(self): self.x = 1
    def test_passes(self): self.assertEqual(self.x, 1)
    def test_fails(self): self.assertEqual(self.x, 2)
    def test_raises(self): raise KeyError("k")
    @unittest.skip("no")
    def test_skips(self): pass
    @unittest.expectedFailure
    def test_xfails(self): self.fail()

class BrokenSetUp(unittest.TestCase):
    def setUp(self): raise OSError("setup")
    def test_never(self): pass

class BrokenClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError("class")
    def test_first(self): pass
    def test_second(self): pass
"""

DOCTEST = '''
def area(x):
    """Square.

    >>> area(2)
    4
    >>> area(3)
    10
    """
    return x * x
'''

FILES = {
    "pytest.ini": "[pytest]\naddopts = --doctest-modules --doctest-glob=*.txt\nmarkers = slow: slow ones\n",
    "src/pkg/__init__.py": "",
    "src/pkg/shapes.py": DOCTEST,
    "notes.txt": ">>> 1 + 1\n2\n",
    "tests/test_outcomes.py": OUTCOMES,
    "tests/test_unit.py": UNITTEST,
    "tests/deep/er/test_deep.py": "def test_deep(): pass\n",
    "tests/conftest.py": "import pytest\n\n@pytest.fixture(autouse=True)\ndef quiet():\n    yield\n",
}

BROKEN_FILES = {
    **FILES,
    "tests/test_import.py": "import there_is_no_such_module\n\ndef test_never(): pass\n",
    "tests/test_syntax.py": "def test_never(:\n",
    "tests/test_raises.py": "raise RuntimeError('at import')\n",
    "tests/test_skipped_module.py": "import pytest\npytest.skip('all of it', allow_module_level=True)\n",
}
