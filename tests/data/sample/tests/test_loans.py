from datetime import date

import pytest

from bookshelf.loans import Loan

MAY_FIRST = date(2026, 5, 1)


def test_a_loan_is_due_after_four_weeks():
    assert Loan("Emma", "Ann", MAY_FIRST).due == date(2026, 5, 29)


def test_a_renewal_adds_two_weeks():
    loan = Loan("Emma", "Ann", MAY_FIRST)
    loan.renew()
    assert loan.due == date(2026, 6, 12)


def test_a_third_renewal_is_refused():
    loan = Loan("Emma", "Ann", MAY_FIRST, renewals=2)
    with pytest.raises(ValueError):
        loan.renew()


@pytest.mark.parametrize("day, late", [(20, 0), (29, 0), (30, 1)])
def test_only_days_after_the_due_date_are_late(day, late):
    assert Loan("Emma", "Ann", MAY_FIRST).days_late(date(2026, 5, day)) == late
