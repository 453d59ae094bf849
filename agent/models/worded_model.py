"""A model behind an endpoint that lacks tools or a system role: what is missing is said in words."""

from agent.models.faults import ModelFault
from agent.models.model import Listening, Model, Reply, Request
from agent.models.text_tools import in_text, out_of_text, without_system
from agent.protocol.model import ModelProfile


class WordedModel:
    """Rewrites requests as the profile says, and finds the calls in the text of answers."""

    def __init__(self, inner: Model) -> None:
        self._inner = inner

    @property
    def profile(self) -> ModelProfile:
        """Return what the user said about the model."""
        return self._inner.profile

    def complete(self, request: Request, listening: Listening) -> Reply:
        """Ask once."""
        profile = self.profile
        wordy = bool(request.tools) and not profile.tools
        worded = in_text(request) if wordy else request
        reply = self._inner.complete(worded if profile.system else without_system(worded), listening)
        if not wordy:
            return reply
        try:
            return out_of_text(reply, {call.id for message in request.messages for call in message.calls})
        except ModelFault as fault:
            fault.usage, fault.cost_usd = reply.usage, reply.cost_usd
            raise
