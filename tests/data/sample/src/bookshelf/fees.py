"""What a late return costs, in cents."""

GRACE_DAYS = 3
CENTS_PER_DAY = 20
HIGHEST_FEE = 1000


def late_fee(days, child=False):
    """Return the fee for a book that came back `days` days late.

    The days of grace are free. Whoever needs longer pays for every day, up to the highest fee;
    children pay half.
    """
    if days < GRACE_DAYS:
        return 0
    fee = min(days * CENTS_PER_DAY, HIGHEST_FEE)
    return fee // 2 if child else fee


def total(loans, returned):
    """Return what a reader owes for all loans returned on one day."""
    return sum(late_fee(loan.days_late(returned)) for loan in loans)
