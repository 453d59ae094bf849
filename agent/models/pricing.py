"""What tokens cost."""

from agent.models.model import Usage
from agent.protocol.model import Prices


def cost_usd(usage: Usage, prices: Prices) -> float:
    """Return US dollars; prices are per million tokens."""
    cached = min(usage.cached, usage.input)
    price = prices.input if prices.cached is None else prices.cached
    return ((usage.input - cached) * prices.input + cached * price + usage.output * prices.output) / 1e6
