"""Named formats that schemas and rules may ask of a text: dates, identifiers, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonschema import FormatChecker

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
# GB 32100-2015, 5: 登记管理部门代码、机构类别代码、六位行政区划码、九位主体标识码、校验码;
# letters without I O S V Z. python-stdnum takes eight milliseconds to be loaded at every start, so a test
# compares its check digits with ours; it also wants two digits first, which the standard does not ask.
_CREDIT_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}\Z")
_RESIDENT_ID = re.compile(r"[1-9]\d{16}[\dX]\Z")
_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}\Z")
_URL = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?(?:/[^\s]*)?\Z")
_ALGORITHM_NUMBER = re.compile(r"网信算备\d{21}号\Z")
_MODEL_NUMBER = re.compile(r"[A-Za-z]+-[A-Za-z0-9.·_-]+-\d{8}(S?\d{4})?\Z")
_ICP_NUMBER = re.compile(
    r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新]"
    r"ICP[备证]\d{6,10}号(-\d+[AX]?)?\Z"
)


def parse_date(text: str) -> date | None:
    """The day written as YYYY-MM-DD, or None."""
    if not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_credit_code(text: str) -> bool:
    """Whether a 统一社会信用代码 has the shape and check digit of GB 32100-2015."""
    if not _CREDIT_CODE.match(text):
        return False
    total = sum(3**at % 31 * _CREDIT_DIGITS.index(digit) for at, digit in enumerate(text[:17]))
    return _CREDIT_DIGITS[-total % 31] == text[17]


def is_resident_id(text: str) -> bool:
    """Whether a 公民身份号码 has the shape, a possible birthday and the check digit of GB 11643."""
    if not _RESIDENT_ID.match(text):
        return False
    total = sum(2 ** (17 - at) * int(digit) for at, digit in enumerate(text[:17]))
    day = parse_date(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    return day is not None and "10X98765432"[total % 11] == text[17]


def has_usual_algorithm_digit(text: str) -> bool:
    """Whether the last digit of an algorithm filing number is the one that published lists show.

    Not official: found by counting 7,934 published numbers, of which one departs from it.
    """
    if not _ALGORITHM_NUMBER.match(text):
        return False
    *digits, last = map(int, text[4:25])
    weighed = sum((2, 1, 3, 4)[at % 4] * digit for at, digit in enumerate(digits))
    return last == 1 + 2 * (weighed % 5)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.match(text))


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": lambda text: parse_date(text) is not None,
    "credit-code": is_credit_code,
    "resident-id": is_resident_id,
    "mobile": _matches(_MOBILE),
    "email": _matches(_EMAIL),
    "url": _matches(_URL),
    "algorithm-filing-number": _matches(_ALGORITHM_NUMBER),
    "algorithm-filing-number-digit": has_usual_algorithm_digit,
    "model-filing-number": _matches(_MODEL_NUMBER),
    "icp-number": _matches(_ICP_NUMBER),
}


@cache
def checker() -> FormatChecker:
    """A jsonschema format checker that knows exactly FORMATS."""
    from jsonschema import FormatChecker

    made = FormatChecker(formats=())
    for name, test in FORMATS.items():
        made.checks(name)(lambda value, test=test: not isinstance(value, str) or test(value))
    return made
