"""Where calls lead: scopes, imports, self, parents, re-exports; and how sure that is."""

import pytest

PACKAGE = {
    "shop/__init__.py": "from .basket import Basket\nfrom shop.prices import *\n",
    "shop/basket.py": (
        "from . import prices\nfrom .store import Store as Parent\n"
        "import shop.prices as money\nimport json\n\n\n"
        "class Basket(Parent):\n"
        "    def __init__(self):\n        super().__init__()\n        self.total()\n\n"
        "    def total(self):\n        self.open()\n        self.other.apply()\n"
        "        json.dumps(1)\n        return prices.rate() + money.rate()\n\n\n"
        "def make():\n    def inner():\n        return Basket()\n\n    return inner()\n"
    ),
    "shop/store.py": (
        "class Store:\n    def __init__(self):\n        pass\n\n    def open(self):\n        self.total()\n"
    ),
    "shop/prices.py": "def rate():\n    return 1\n\n\ndef dumps():\n    return 2\n",
    "tests/test_shop.py": (
        "import shop\nfrom shop import Basket, rate\nfrom shop.basket import make as build\n\n\n"
        "def test_total():\n    Basket().total()\n    shop.Basket()\n    rate()\n    build()\n    missing()\n"
    ),
    "src/tool/cli.py": "from tool.run import go\n\n\ndef main():\n    go()\n",
    "src/tool/run.py": "def go():\n    pass\n",
    "src/tool/__init__.py": "",
}


def _callers(view, name):
    found = [edge for symbol in view.find(name) for edge in view.callers(symbol)]
    return {
        (edge.path, edge.line, edge.target_path, edge.confidence)
        for edge in sorted(found, key=lambda edge: (edge.path, edge.line))
    }


@pytest.fixture
def view(project):
    project.commit(PACKAGE)
    return project.view()


def test_a_module_is_found_however_it_was_imported(view):
    assert _callers(view, "rate") == {
        ("shop/basket.py", 16, "shop/prices.py", 1.0),
        ("tests/test_shop.py", 9, "shop/prices.py", 1.0),
    }


def test_a_class_is_found_through_the_package_that_exports_it(view):
    assert _callers(view, "Basket") == {
        ("shop/basket.py", 21, "shop/basket.py", 1.0),
        ("tests/test_shop.py", 7, "shop/basket.py", 1.0),
        ("tests/test_shop.py", 8, "shop/basket.py", 1.0),
    }


def test_a_constructor_is_reached_by_calling_its_class_and_from_below(view):
    (constructor,) = [s for s in view.find("__init__") if s.path == "shop/store.py"]
    (edge,) = view.callers(constructor)
    assert (edge.path, edge.line, edge.confidence) == ("shop/basket.py", 9, 0.9)
    (own,) = [s for s in view.find("__init__") if s.path == "shop/basket.py"]
    assert {(e.path, e.confidence) for e in view.callers(own)} == {
        ("shop/basket.py", 0.9),
        ("tests/test_shop.py", 0.9),
    }


def test_self_means_the_class_and_its_parents(view):
    assert _callers(view, "open") == {("shop/basket.py", 13, "shop/store.py", 0.9)}
    found = _callers(view, "Basket.total")
    assert ("shop/basket.py", 10, "shop/basket.py", 0.95) in found


def test_an_unknown_receiver_is_a_guess_and_says_so(view):
    found = {edge[:2]: edge[3] for edge in _callers(view, "total")}
    assert found["tests/test_shop.py", 7] == 0.5
    assert found["shop/store.py", 6] == 0.5


def test_a_call_into_another_library_is_not_ours(view):
    assert _callers(view, "dumps") == set()


def test_an_alias_and_a_nested_function_are_seen_through(view):
    assert _callers(view, "make") == {("tests/test_shop.py", 10, "shop/basket.py", 1.0)}
    assert _callers(view, "inner") == {("shop/basket.py", 23, "shop/basket.py", 1.0)}


def test_a_package_below_src_is_named_from_its_own_top(view):
    assert _callers(view, "go") == {("src/tool/cli.py", 5, "src/tool/run.py", 1.0)}


def test_callees_are_the_other_side_of_callers(view):
    (test,) = view.find("test_total")
    targets = {
        (view.symbol(e.target_path, e.target).qualname, e.line) for e in view.callees(test.path, test.ordinal)
    }
    assert {("Basket", 7), ("Basket", 8), ("rate", 9), ("make", 10)} <= targets


def test_files_depend_on_what_they_call_import_and_extend(view):
    edges = view.edges()
    assert set(edges["tests/test_shop.py"]) == {"shop/__init__.py", "shop/basket.py", "shop/prices.py"}
    assert set(edges["shop/basket.py"]) == {"shop/prices.py", "shop/store.py"}
    assert edges["README.md"] == {}


def test_edges_follow_a_change_without_starting_over(project):
    project.commit(PACKAGE)
    project.view().edges()
    assert project.view().edges_ready()
    project.write({"shop/prices.py": "from .store import Store\n\n\ndef rate():\n    return Store()\n"})
    view = project.view()
    assert not view.edges_ready()
    assert set(view.edges()["shop/prices.py"]) == {"shop/store.py"}
    project.write({"shop/late.py": "x = 1\n", "shop/user.py": "from . import late\nfrom .gone import y\n"})
    assert set(project.view().edges()["shop/user.py"]) == {"shop/late.py"}
    project.write({"shop/gone.py": "y = 1\n"})
    assert set(project.view().edges()["shop/user.py"]) == {"shop/gone.py", "shop/late.py"}


OTHERS = {
    "javascript": (
        {
            "lib/price.js": "export function price() {}\n",
            "app.js": "import { price as p } from './lib/price';\np();\n",
        },
        "price",
        ("app.js", 2),
    ),
    "typescript": (
        {
            "src/store/index.ts": "export class Store {}\n",
            "src/a.ts": "import { Store } from './store';\nnew Store();\n",
        },
        "Store",
        ("src/a.ts", 2),
    ),
    "go": (
        {
            "go.mod": "module example.org/m\n",
            "price/price.go": "package price\n\nfunc Of() {}\n",
            "main.go": 'package main\n\nimport "example.org/m/price"\n\nfunc main() { price.Of() }\n',
        },
        "Of",
        ("main.go", 5),
    ),
    "rust": (
        {"src/price.rs": "pub fn of() {}\n", "src/main.rs": "use crate::price::of;\nfn main() { of(); }\n"},
        "of",
        ("src/main.rs", 2),
    ),
    "java": (
        {
            "src/org/x/Price.java": "package org.x;\npublic class Price { static void of() {} }\n",
            "src/org/y/Main.java": "package org.y;\nimport org.x.Price;\nclass Main { void m() {"
            " Price.of(); } }\n",
        },
        "of",
        ("src/org/y/Main.java", 3),
    ),
    "c": (
        {"price.h": "int of(void);\n", "main.c": '#include "price.h"\nint main(void) { return of(); }\n'},
        "of",
        ("main.c", 2),
    ),
    "cpp": (
        {"price.hpp": "class Price { public: int of() { return mine(); } int mine() { return 1; } };\n"},
        "mine",
        ("price.hpp", 1),
    ),
    "csharp": (
        {
            "Price.cs": "namespace N { class Price { public static void Of() {} } }\n",
            "Main.cs": "using N;\nclass Main { void M() { Price.Of(); } }\n",
        },
        "Of",
        ("Main.cs", 2),
    ),
    "ruby": (
        {"price.rb": "def price_of\nend\n", "main.rb": "require_relative 'price'\nprice_of(1)\n"},
        "price_of",
        ("main.rb", 2),
    ),
    "php": (
        {
            "src/Price.php": "<?php\nnamespace A;\nclass Price { static function of() {} }\n",
            "main.php": "<?php\nuse A\\Price;\nPrice::of();\n",
        },
        "of",
        ("main.php", 3),
    ),
    "bash": (
        {"price.sh": "price() { echo 1; }\n", "main.sh": "source ./price.sh\nprice\n"},
        "price",
        ("main.sh", 2),
    ),
}


@pytest.mark.parametrize("language", OTHERS)
def test_imports_and_scopes_lead_to_definitions_in_every_language(project, language):
    files, name, caller = OTHERS[language]
    project.commit(files)
    view = project.view()
    found = [edge for symbol in view.find(name) for edge in view.callers(symbol)]
    assert caller in [(edge.path, edge.line) for edge in found]
    assert max(edge.confidence for edge in found) >= 0.5
