"""What an endpoint says about its tokens, and what is made of it."""

import pytest

from agent.models import tokens
from agent.models.metering import counted, shown
from agent.models.model import Finish, Message, Reply, Request, Speaker, ToolCall, ToolSpec, Usage
from agent.models.pricing import cost_usd
from agent.protocol.model import Prices

ESTIMATE = Usage(1000, 100, estimated=True)
WORST = Usage(1100, 4000)


@pytest.mark.parametrize(
    ("stated", "reported", "against_limits"),
    [
        (Usage(900, 120), Usage(900, 120), Usage(1000, 120)),
        (Usage(2000, 3000), Usage(2000, 3000), Usage(2000, 3000)),  # thought, but did not say it
        (Usage(-1, -1), Usage(1000, 100), Usage(1000, 100)),
        (Usage(0, 0), Usage(1000, 100), Usage(1000, 100)),
        (Usage(500, 50), Usage(500, 50), Usage(1000, 100)),
        (Usage(10**12, 10**15), Usage(1000, 100), Usage(1100, 4000)),
        (Usage(900, 10**6), Usage(900, 100), Usage(1000, 4000)),
    ],
)
def test_a_meter_is_believed_within_reason_and_never_to_ones_cost(
    stated: Usage, reported: Usage, against_limits: Usage
) -> None:
    one, two = shown(stated, ESTIMATE, WORST), counted(stated, ESTIMATE, WORST)
    assert (one.input, one.output) == (reported.input, reported.output)
    assert (two.input, two.output) == (against_limits.input, against_limits.output)
    assert one.estimated is (stated != Usage(one.input, one.output))


def test_cached_input_has_its_own_price_and_is_part_of_the_input() -> None:
    prices = Prices(input=2.0, output=10.0, cached=0.5)
    assert cost_usd(Usage(1000, 100, cached=400), prices) == pytest.approx((1200 + 200 + 1000) / 1e6)
    assert cost_usd(Usage(1000, 0, cached=5000), prices) == pytest.approx(500 / 1e6)
    assert cost_usd(Usage(1000, 100, cached=400), Prices()) == 0.0
    assert shown(Usage(900, 100, cached=10**9), ESTIMATE, WORST).cached == 900


def test_estimates_grow_with_all_that_is_sent() -> None:
    bare = Request((Message(Speaker.USER, "hello"),))
    call = Message(Speaker.MODEL, "", (ToolCall("c", "read", '{"path": "a.py"}'),))
    spec = ToolSpec("read", "Read a file.", {"type": "object"})
    sizes = [
        tokens.of_request(request)
        for request in (bare, Request((*bare.messages, call)), Request((*bare.messages, call), (spec,)))
    ]
    assert sizes == sorted(set(sizes))
    assert tokens.of_reply(Reply("", (ToolCall("c", "read", "x" * 32),), Usage(), Finish.TOOLS)) > 10


def test_other_scripts_count_by_their_bytes() -> None:
    assert tokens.of_text("漢" * 100) == 150
    assert tokens.of_text("a" * 320) == 100
    assert tokens.of_text("\ud800") >= 1
