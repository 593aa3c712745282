"""The figures of annexes: what is there, how often, of which class, and how samplings ended.

A rate is the quotient of two counts. A double keeps it apart from every bound of a rule: quotients
are rounded monotonously, and two fractions with denominators below ten million never round alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from beian.annexes.kinds import Catalogue, Class, Kind
from beian.annexes.normalise import key
from beian.annexes.problems import Problem, shown
from beian.annexes.rows import Row
from beian.annexes.tables import Table
from beian.model import Level, Value

Figures = dict[str, Value]
Report = Callable[[Problem], None]


class Met(NamedTuple):
    """Where a key was first met, and under which class."""

    table: Table
    number: int
    known: Class | None


@dataclass(slots=True)
class Distinct:
    """Which keys were met, and where first; a repeated row is reported and not counted again."""

    kind: Kind
    report: Report
    met: dict[str, Met] = field(default_factory=dict)
    repeated_count: int = 0

    def add(self, row: Row, more: str = "") -> Met | None:
        """Where the key was met before, or None for a new one; ``more`` belongs to the key."""
        name = f"{more}\0{row.key}" if more else row.key
        first = self.met.get(name)
        if first is None:
            self.met[name] = Met(row.table, row.number, row.known)
        else:
            self.repeated_count += 1
        return first

    def say(self, row: Row, first: Met, more: str = "") -> None:
        column = self.kind.key
        assert column is not None
        self.report(
            _of_row(
                row,
                self.kind,
                "duplicate",
                Level.REVIEW,
                f"与{_spot(first, row)}重复（不计大小写、全半角和空格），只计一次{more}。",
                "删去重复的行。",
                row.values[column.id],
            )
        )


class Classed:
    """Keywords and test questions: distinct ones, in all and of each class."""

    def __init__(self, kind: Kind, catalogue: Catalogue, report: Report) -> None:
        self.kind = kind
        self._all = catalogue.classes(kind)
        self._to_cover = catalogue.to_cover(kind)
        self._distinct = Distinct(kind, report)
        self._of_class: Counter[str] = Counter()
        self._also: set[tuple[str, str]] = set()
        self._updated_on: str | None = None

    def add(self, row: Row) -> bool:
        """Counts a row; whether it is the first of its kind."""
        assert row.known is not None
        updated_on = row.values.get("updated_on")
        if updated_on is not None and updated_on > (self._updated_on or ""):
            self._updated_on = updated_on
        first = self._distinct.add(row)
        if first is None:
            self._of_class[row.known.id] += 1
            return True
        assert first.known is not None
        pair = row.key, row.known.id
        if row.known is first.known or pair in self._also:
            self._distinct.say(row, first)
            return False
        self._also.add(pair)
        self._of_class[row.known.id] += 1
        self._distinct.say(
            row, first, f"；两行的分类不同，在“{first.known.title}”和“{row.known.title}”中各计一次"
        )
        return True

    def figures(self) -> Figures:
        covered = [one for one in self._to_cover if self._of_class[one.id]]
        return {
            "distinct_count": len(self._distinct.met),
            "duplicate_count": self._distinct.repeated_count,
            "covered_count": len(covered),
            "illegal_covered_count": sum(1 for one in covered if one.illegal_information),
            "uncovered": [one.title for one in self._to_cover if not self._of_class[one.id]],
            "updated_on": self._updated_on,
            "classes": [self._class(one) for one in self._to_cover],
            "beyond_count": sum(
                self._of_class[one.id] for one in self._all if one not in self._to_cover
            ),
        }

    def _class(self, one: Class) -> Figures:
        return {
            "class": one.id,
            "title": one.title,
            "group": one.group,
            "distinct_count": self._of_class[one.id],
        }


class Corpora:
    """Corpora by language, type and origin."""

    def __init__(self, kind: Kind, catalogue: Catalogue, report: Report) -> None:
        self.kind = kind
        self._distinct = Distinct(kind, report)
        self._languages: dict[str, str] = {}
        self._tallies: dict[str, dict[str, list[int]]] = {
            name: {} for name in ("language", "data_type", "source_kind", "origin")
        }
        self._item_count = 0

    def add(self, row: Row) -> bool:
        first = self._distinct.add(row)
        if first is not None:
            self._distinct.say(row, first)
            return False
        count = row.values["item_count"]
        self._item_count += count
        language = self._languages.setdefault(key(row.values["language"]), row.values["language"])
        for name, tally in self._tallies.items():
            entry = tally.setdefault(language if name == "language" else row.values[name], [0, 0])
            entry[0] += 1
            entry[1] += count
        return True

    def figures(self) -> Figures:
        foreign = self._tallies["origin"].get("foreign", [0, 0])[1]
        counted = {"item_count": self._item_count, "foreign_item_count": foreign}
        return {
            **with_share(counted),
            "source_count": len(self._distinct.met),
            "duplicate_count": self._distinct.repeated_count,
            "languages": self._listed("language"),
            "data_types": self._listed("data_type"),
            "source_kinds": self._listed("source_kind"),
        }

    def _listed(self, name: str) -> list[Figures]:
        column = self.kind.column(name)
        titles = {one.code: one.title for one in column.choices} if column else {}
        return [
            {
                "title": titles.get(code, code),
                "source_count": sources,
                "item_count": items,
                "share": quotient(items, self._item_count),
            }
            for code, (sources, items) in self._tallies[name].items()
        ]


class Annotations:
    """Annotated items: of which kind, by how many people, and whether others reviewed them."""

    def __init__(self, kind: Kind, catalogue: Catalogue, report: Report) -> None:
        self.kind = kind
        self._report = report
        self._to_cover = catalogue.to_cover(kind)
        self._distinct = Distinct(kind, report)
        self._kinds: Counter[str] = Counter()
        self._covered: set[str] = set()
        self._annotators: set[str] = set()
        self._reviewers: set[str] = set()
        self._unreviewed = 0
        self._self_reviewed = 0

    def add(self, row: Row) -> bool:
        first = self._distinct.add(row)
        if first is not None:
            self._distinct.say(row, first)
            return False
        values = row.values
        safety = values["annotation_kind"] == "safety"
        annotators, reviewers = set(values["annotators"]), set(values.get("reviewers") or ())
        self._kinds[values["annotation_kind"]] += 1
        self._annotators |= annotators
        self._reviewers |= reviewers
        if safety and row.known is not None:
            self._covered.add(row.known.id)
        if safety and not reviewers:
            self._unreviewed += 1
            self._note(
                row, "unreviewed", "安全性标注没有审核人员。", "由标注人员以外的人员审核后补写。"
            )
        if annotators & reviewers:
            self._self_reviewed += 1
            self._note(
                row, "self-reviewed", "同一人员既标注又审核。", "由没有参与标注的人员重新审核。"
            )
        return True

    def figures(self) -> Figures:
        return {
            "item_count": len(self._distinct.met),
            "duplicate_count": self._distinct.repeated_count,
            "functional_count": self._kinds["functional"],
            "safety_count": self._kinds["safety"],
            "annotator_count": len(self._annotators),
            "reviewer_count": len(self._reviewers),
            "unreviewed_count": self._unreviewed,
            "self_reviewed_count": self._self_reviewed,
            "covered_count": len(self._covered),
            "uncovered": [one.title for one in self._to_cover if one.id not in self._covered],
        }

    def _note(self, row: Row, reason: str, message: str, hint: str) -> None:
        self._report(
            _of_row(row, self.kind, reason, Level.REVIEW, message, hint, row.values["item"])
        )


#: Which verdicts a sampling may have, the counted one first, by the count its record states.
_VERDICTS = {"passed_count": ("passed", "failed"), "refused_count": ("refused", "answered")}


class Results:
    """Items of samplings, one by one: how many of each sampling, and how they were judged."""

    def __init__(self, kind: Kind, catalogue: Catalogue, report: Report) -> None:
        self.kind = kind
        self._report = report
        self._distinct = Distinct(kind, report)
        self._subjects: dict[str, Counter[str]] = {}
        self._choices = _subjects(catalogue)

    def add(self, row: Row) -> bool:
        subject, verdict = row.values["subject"], row.values["verdict"]
        measured = self._choices[subject][0]
        if verdict not in _VERDICTS[measured]:
            expected = "拒答或者回答" if measured == "refused_count" else "合格或者不合格"
            self._report(
                _of_row(
                    row,
                    self.kind,
                    "verdict-unfit",
                    Level.BLOCK,
                    f"{self._choices[subject][1]}的判定结果应为{expected}，这一行没有计数。",
                    "改正判定结果或者抽检项目。",
                    row.values["item"],
                )
            )
            return False
        first = self._distinct.add(row, subject)
        if first is not None:
            self._distinct.say(row, first)
            return False
        self._subjects.setdefault(subject, Counter())[verdict] += 1
        return True

    def figures(self) -> Figures:
        return {
            "duplicate_count": self._distinct.repeated_count,
            "subjects": {
                subject: {
                    "listed_count": sum(tally.values()),
                    "listed_good_count": tally[_VERDICTS[self._choices[subject][0]][0]],
                }
                for subject, tally in self._subjects.items()
            },
        }


class Samplings:
    """Sampling records; without one no result exists."""

    def __init__(self, kind: Kind, catalogue: Catalogue, report: Report) -> None:
        self.kind = kind
        self._report = report
        self._subjects = _subjects(catalogue)
        self._records: list[tuple[Row, Figures]] = []

    def add(self, row: Row) -> bool:
        values = row.values
        measured, title = self._subjects[values["subject"]]
        good, drawn = values[measured], values["sample_count"]
        record = {
            "subject": values["subject"],
            "title": title + (f"（{values['object']}）" if values.get("object") else ""),
            "object": values.get("object"),
            "conducted_on": values["conducted_on"],
            "population_count": values["population_count"],
            "sample_count": drawn,
            "passed_count": good if measured == "passed_count" else None,
            "refused_count": good if measured == "refused_count" else None,
            "good_count": good,
            "reviewer_count": len(values["reviewers"]),
        }
        self._compare_stated(row, good, drawn)
        self._records.append((row, with_rates(record)))
        return True

    def _compare_stated(self, row: Row, good: int, drawn: int) -> None:
        stated = row.values.get("stated_share")
        if stated is None or not drawn or stated == Fraction(good, drawn):
            return
        exact = percent(good, drawn)
        self._report(
            _of_row(
                row,
                self.kind,
                "share-differs",
                Level.REVIEW,
                f"比率写为 {percent(stated.numerator, stated.denominator)}，按数量计算是 {exact}。",
                "按没有取舍的比率判断；报告中也写数量。",
                str(good),
            )
        )

    def figures(self) -> Figures:
        newest: dict[tuple[str, str], str] = {}
        for _, one in self._records:
            name = one["subject"], key(one["object"] or "")
            newest[name] = max(newest.get(name, ""), one["conducted_on"])
        return {
            "records": [
                {
                    **one,
                    "latest": one["conducted_on"]
                    == newest[one["subject"], key(one["object"] or "")],
                }
                for _, one in self._records
            ]
        }


Tally = Classed | Corpora | Annotations | Results | Samplings
#: How kinds that are not classed lists are counted.
_TALLIES: dict[str, Callable[[Kind, Catalogue, Report], Tally]] = {
    "corpora": Corpora,
    "annotations": Annotations,
    "results": Results,
    "samplings": Samplings,
}


def tally(kind: Kind, catalogue: Catalogue, report: Report) -> Tally:
    """The tally that counts rows of a kind."""
    return _TALLIES.get(kind.id, Classed)(kind, catalogue, report)


def with_rates(record: Figures) -> Figures:
    """A sampling record with the quotients of its counts, and whether these fit together."""
    good, drawn = record["good_count"], record["sample_count"]
    return record | {
        "sampled_share": quotient(drawn, record["population_count"]),
        "consistent": good <= drawn <= record["population_count"],
        "rate": quotient(good, drawn),
        "rate_text": percent(good, drawn),
    }


def with_share(figures: Figures) -> Figures:
    """The figures of corpora with the share that is foreign."""
    return figures | {
        "foreign_share": quotient(figures["foreign_item_count"], figures["item_count"])
    }


def quotient(part: int, whole: int) -> float | None:
    """part / whole, or None of nothing."""
    return part / whole if whole else None


def percent(part: int, whole: int) -> str:
    """A share in percent, never rounded: 3839 of 4000 is 95.975%, 1 of 3 is 33.3333…%."""
    if not whole:
        return "—"
    digits, rest = divmod(part * 10**6, whole)
    words = f"{digits // 10**4}.{digits % 10**4:04}"
    return (words + "…" if rest else words.rstrip("0").rstrip(".")) + "%"


def _subjects(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """What each sampling measures (passed or refused items), and its title."""
    column = catalogue.kinds["samplings"].column("subject")
    assert column is not None
    return {one.code: (one.requires[0], one.title) for one in column.choices}


def _spot(first: Met, row: Row) -> str:
    """Where an earlier row stands, as short as it is clear."""
    where = f"第 {first.number} 行"
    if (first.table.file, first.table.sheet) != (row.table.file, row.table.sheet):
        where = f"工作表“{first.table.sheet}”{where}"
    return where if first.table.file == row.table.file else f" {first.table.file} {where}"


def _of_row(
    row: Row, kind: Kind, reason: str, level: Level, message: str, hint: str, value: Value
) -> Problem:
    table = row.table
    cell = table.cell(row.number, row.position)
    return Problem(
        reason, level, kind.id, table.file, table.sheet, cell, shown(value), message, hint
    )
