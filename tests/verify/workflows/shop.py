"""A small repository with a workflow, one of whose steps fails."""

WORKFLOW = """\
name: checks
on: [push]
env:
  LEVEL: strict
defaults:
  run:
    working-directory: shop
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: ruff check .
  test:
    name: test (${{ matrix.python }}, ${{ matrix.os }})
    runs-on: ${{ matrix.os }}-latest
    strategy:
      matrix:
        python: ['3.10', '3.11']
        os: [ubuntu, windows]
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: ${{ matrix.python }}
      - name: Install
        run: pip install -e . pytest
      - name: Prices
        run: |
          echo 'PRICES = {"tea": 3, "cake": 4}' > prices.py
          echo "CURRENCY=EUR" >> "$GITHUB_ENV"
      - run: ruff check .
      - name: Tests
        env:
          TAX: ${{ matrix.python == '3.11' && '20' || '7' }}
          PYTHONPATH: extra
          TOKEN: ${{ secrets.TOKEN }}
        run: |
          python -m pip install --upgrade pip
          uv run --frozen -m pytest -q \\
            tests
"""

FILES = {
    ".github/workflows/checks.yml": WORKFLOW,
    "shop/till.py": (
        "import os\n\nfrom prices import PRICES\n\n\ndef total(names):\n"
        "    net = sum(PRICES[name] for name in names)\n"
        "    return net * (100 - int(os.environ['TAX'])) // 100\n"
    ),
    "shop/extra/seller.py": "NAME = 'Ada'\n",
    "shop/conftest.py": "",
    "shop/tests/test_till.py": (
        "import os\n\nimport pytest\nimport seller\nfrom till import total\n\n\n"
        "@pytest.mark.parametrize('names, price', [(['tea'], 3), (['tea', 'cake'], 8)])\n"
        "def test_total_has_tax(names, price):\n    assert total(names) == price\n\n\n"
        "def test_surroundings_are_those_of_the_run():\n"
        "    assert os.environ['CURRENCY'] == 'EUR'\n"
        "    assert os.environ['LEVEL'] == 'strict' and seller.NAME == 'Ada'\n"
        "    assert os.environ['CI'] == 'true' and 'TOKEN' not in os.environ\n"
    ),
}
