"""What may be typed in a cell: drop-downs, bounds of numbers, and a prompt with the help."""

from __future__ import annotations

from typing import Any

from beian.intake import cells
from beian.intake.layout import is_record
from beian.intake.marks import CHOICES, escaped
from beian.intake.words import WORDS, said
from beian.schema import Field, Schema

#: What a sheet program shows of a prompt.
_LONGEST_TITLE, _LONGEST_PROMPT = 32, 255
_LEAST = -(10**14)


class Allowed:
    """Lays rules on cells; every list of choices is kept once, on a hidden sheet."""

    def __init__(self, schema: Schema, lang: str) -> None:
        self.schema = schema
        self.lang = lang
        self.words = WORDS[lang]
        self.lists: dict[tuple[str, ...], str] = {}

    def answers(
        self,
        sheet: Any,
        where: str,
        field: Field,
        item: Field | None = None,
        *,
        may_be_none: bool = True,
    ) -> None:
        """Cells that answer ``field`` (or hold its ``item``): only choices and numbers are enforced."""
        none = [cells.NONE] if field.null_text is not None and may_be_none else []
        asked = item or field
        if is_record(self.schema, asked):
            self.only_none(sheet, where, field)
        elif asked.choices is not None:
            titles = list(((self.lang == "en" and asked.choices_en) or asked.choices).values())
            # A cell for several choices holds one a line, of which a drop-down gives the first.
            strict = not asked.is_list
            self._listed(sheet, where, field, self._named((*titles, *none)), strict=strict)
        elif asked.is_list:
            self._add(sheet, where, self._rule(field))
        elif asked.kind == "boolean" and "string" not in asked.schema["type"]:
            self._listed(sheet, where, field, _inline("是", "否", *none))
        elif none:
            self._listed(sheet, where, field, _inline(*none), strict=False)
        elif asked.kind in ("integer", "number"):
            self._bounded(sheet, where, asked)
        else:
            self._add(sheet, where, self._rule(field))

    def only_none(self, sheet: Any, where: str, field: Field) -> None:
        """A cell that takes nothing but "none"."""
        self._listed(sheet, where, field, _inline(cells.NONE))

    def ticks(self, sheet: Any, where: str, field: Field) -> None:
        """Cells beside choices: a tick, or a position."""
        self._listed(sheet, where, field, _inline(cells.TICK), strict=False)

    def draw(self, book: Any) -> None:
        """The hidden sheet with the lists."""
        from openpyxl.utils import get_column_letter
        from openpyxl.workbook.defined_name import DefinedName

        sheet = book.create_sheet(CHOICES)
        sheet.sheet_state = "hidden"
        for column, (titles, name) in enumerate(self.lists.items(), 1):
            for row, title in enumerate(titles, 1):
                cell = sheet.cell(row, column, escaped(title))
                cell.data_type = "s"
            letter = get_column_letter(column)
            book.defined_names[name] = DefinedName(
                name, attr_text=f"'{CHOICES}'!${letter}$1:${letter}${len(titles)}"
            )

    def _named(self, titles: tuple[str, ...]) -> str:
        return self.lists.setdefault(titles, f"choice_{len(self.lists) + 1}")

    def _listed(
        self, sheet: Any, where: str, field: Field, formula: str, *, strict: bool = True
    ) -> None:
        rule = self._rule(field, type="list", formula1=formula)
        rule.showErrorMessage = strict
        rule.error = self.words["wrong"]
        self._add(sheet, where, rule)

    def _bounded(self, sheet: Any, where: str, field: Field) -> None:
        low, high = field.schema.get("minimum"), field.schema.get("maximum")
        kind = "whole" if field.kind == "integer" else "decimal"
        if high is not None:
            least = low if low is not None else _LEAST
            rule = self._rule(field, type=kind, operator="between", formula1=least, formula2=high)
        else:
            least = low if low is not None else _LEAST
            rule = self._rule(field, type=kind, operator="greaterThanOrEqual", formula1=least)
        rule.showErrorMessage = True
        named = [self.words["any"] if one is None else one for one in (low, high)]
        rule.error = self.words["wrong_number"].format(
            kind=self.words[field.kind], low=named[0], high=named[1]
        )
        self._add(sheet, where, rule)

    def _rule(self, field: Field, **constraint: Any) -> Any:
        from openpyxl.worksheet.datavalidation import DataValidation

        rule = DataValidation(allow_blank=True, **constraint)
        prompt = said(field, self.lang)
        if not is_record(self.schema, field):
            if field.is_list and "[]" in field.path:
                prompt += self.words["one_per_line"] + "、".join((field.choices or {}).values())
            if field.null_text is not None and cells.NONE not in prompt:
                prompt += self.words["none"]
        rule.promptTitle = field.title[:_LONGEST_TITLE]
        rule.prompt = prompt[:_LONGEST_PROMPT]
        rule.showInputMessage = True
        return rule

    @staticmethod
    def _add(sheet: Any, where: str, rule: Any) -> None:
        rule.add(where)
        sheet.add_data_validation(rule)


def _inline(*texts: str) -> str:
    return f'"{",".join(texts)}"'
