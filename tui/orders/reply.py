"""What an order comes to, as far as a screen has to do something."""

from dataclasses import dataclass

from tui.messages import Go, OpenTask, Trouble
from tui.orders.order import Act


@dataclass(frozen=True, slots=True)
class Noted:
    """It is done, and shows nowhere else."""

    sentence: str


Reply = OpenTask | Go | Trouble | Noted | Act
