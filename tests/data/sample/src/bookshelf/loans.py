"""Who has which book, and until when."""

from dataclasses import dataclass
from datetime import date, timedelta

LOAN_DAYS = 28
RENEWAL_DAYS = 14
MAX_RENEWALS = 2


@dataclass
class Loan:
    title: str
    reader: str
    since: date
    renewals: int = 0

    @property
    def due(self):
        """Return the last day on which the book may come back without being late."""
        return self.since + timedelta(days=LOAN_DAYS + self.renewals * RENEWAL_DAYS)

    def renew(self):
        """Prolong the loan; after the second time the book has to come back."""
        if self.renewals >= MAX_RENEWALS:
            raise ValueError("this loan cannot be renewed again")
        self.renewals += 1

    def days_late(self, returned):
        """Return how many days after the due date the book came back, 0 when it was in time."""
        return max((returned - self.due).days, 0)
