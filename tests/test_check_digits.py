"""Check digits of the credit code and of the resident id are those of python-stdnum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from beian import formats

LETTERS = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9)


@given(st.sampled_from(["91", "12", "53", "MA"]), st.text("0123456789", min_size=6, max_size=6), LETTERS)
def test_one_digit_fits_a_credit_code(head: str, region: str, body: str) -> None:
    stem = f"{head}{region}{body}"
    [fits] = [one for one in "0123456789ABCDEFGHJKLMNPQRTUWXY" if formats.is_credit_code(stem + one)]
    assert fits == uscc.calc_check_digit(stem)


@given(st.text("123456789", min_size=6, max_size=6), st.dates(), st.text("0123456789", min_size=3, max_size=3))
def test_one_digit_fits_a_resident_id(region: str, born: object, body: str) -> None:
    stem = f"{region}{born:%Y%m%d}".replace(" ", "0") + body
    if len(stem) == 17:
        [fits] = [one for one in "0123456789X" if formats.is_resident_id(stem + one)]
        assert fits == ric.calc_check_digit(stem + fits)
