"""A shop, to show what Python says."""
import os.path
import json as j
from collections import OrderedDict, abc as shapes
from .prices import *

LIMIT: int = 3
RATES = {"eur": 1.0}


@j.register
class Basket(OrderedDict, shapes.Sized):
    """What a customer carries."""

    currency = "eur"

    def __init__(self, owner):
        super().__init__()
        self.owner = owner

    async def total(self, rate=None):
        # half of what follows is here to be parsed
        """Return the price of everything."""
        return sum(self.price(item) for item in self) * (rate or RATES["eur"])

    @staticmethod
    def price(item):
        def rounded(value):
            return round(value, 2)

        return rounded(item.cost())


def test_a_basket_starts_empty():
    assert os.path.join("a", "b") and len(Basket("me")) == 0
