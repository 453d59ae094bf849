"""How far an endpoint's own count of tokens is believed."""

from dataclasses import replace

from agent.models.model import Usage

_FACTOR = 4.0
"""An estimate is never so far off; a stated number that is, is none."""


def shown(stated: Usage, estimate: Usage, worst: Usage) -> Usage:
    """Return what is reported: the stated numbers where they are plausible, else the estimate.

    Input is plausible within a quarter and four times of the estimate. Output is plausible from a quarter of
    what was seen up to `worst`, the bound that was sent: a model also thinks what it does not say.
    """
    low, high = estimate.input / _FACTOR, estimate.input * _FACTOR
    knows_input = low <= stated.input <= high
    knows_output = estimate.output / _FACTOR <= stated.output <= max(worst.output, estimate.output)
    usage = Usage(
        input=stated.input if knows_input else estimate.input,
        output=stated.output if knows_output else estimate.output,
        estimated=not (knows_input and knows_output),
    )
    return replace(usage, cached=min(max(stated.cached, 0), usage.input) if knows_input else 0)


def counted(stated: Usage, estimate: Usage, worst: Usage) -> Usage:
    """Return what counts against a limit: the larger of what is stated and what is estimated.

    A meter that states too little thus wins nothing; one that states more than can be is counted as `worst`.
    """
    said = shown(stated, estimate, worst)
    return Usage(
        input=worst.input if stated.input > estimate.input * _FACTOR else max(said.input, estimate.input),
        output=worst.output if stated.output > worst.output else max(said.output, estimate.output),
        cached=0 if said.estimated else said.cached,
        estimated=said.estimated,
    )


def plus(one: Usage, two: Usage) -> Usage:
    """Return the sum of two usages."""
    return Usage(
        one.input + two.input,
        one.output + two.output,
        one.cached + two.cached,
        one.estimated or two.estimated,
    )
