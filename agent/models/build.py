"""The one door to a model: from a profile to something that can be asked."""

import random

from agent.models.budget import Budget
from agent.models.keys import find_key
from agent.models.metered_model import MeteredModel
from agent.models.model import Model
from agent.models.patient_model import Pace, PatientModel
from agent.models.worded_model import WordedModel
from agent.protocol.model import ModelProfile


def build(
    profile: ModelProfile,
    budget: Budget | None = None,
    *,
    pace: Pace | None = None,
    chance: random.Random | None = None,
) -> Model:
    """Return the model of a profile: retried, within the budget, with words for what its endpoint lacks."""
    # The SDK takes most of a second to import, which only those who ask a model should pay.
    from agent.models.openai.openai_model import OpenAIModel  # noqa: PLC0415

    metered = MeteredModel(OpenAIModel(profile, find_key), budget)
    return PatientModel(WordedModel(metered), pace or Pace(), chance or random.Random())
