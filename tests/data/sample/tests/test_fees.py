from datetime import date

from bookshelf.fees import late_fee, total
from bookshelf.loans import Loan


def test_a_book_in_time_costs_nothing():
    assert late_fee(0) == 0


def test_the_last_day_of_grace_is_free():
    assert late_fee(3) == 0


def test_after_the_grace_every_day_counts():
    assert late_fee(4) == 80


def test_a_fee_never_exceeds_the_highest():
    assert late_fee(365) == 1000


def test_children_pay_half():
    assert late_fee(10, child=True) == 100


def test_the_total_covers_all_loans():
    loans = [Loan("Emma", "Ann", date(2026, 5, 1)), Loan("Dracula", "Ann", date(2026, 5, 2))]
    assert total(loans, date(2026, 6, 8)) == 200 + 180
