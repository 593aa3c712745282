"""Named figures and conclusions of law: computed from facts, read like facts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from beian import conditions, counting, flow, paths
from beian.conditions import Condition
from beian.counting import characters
from beian.model import Value, Verdict
from beian.requirements import Requirements
from beian.resources import House
from beian.schema import Field, Schema
from beian.view import Absent, Branch, Fact, View

T = TypeVar("T")


class _Missing(Exception):
    def __init__(self, needs: tuple[str, ...]) -> None:
        super().__init__(needs)
        self.needs = needs


class Reading:
    """What a figure reads: ``reading("a.b")`` is that fact's value; the figure ends if absent."""

    def __init__(
        self,
        view: View,
        as_of: str,
        files: frozenset[str] | None,
        annexes: CountAnnexes | None = None,
        requirements: Requirements | None = None,
    ) -> None:
        self._view = view
        self._annexes = annexes
        #: What a self-assessment judges.
        self.requirements = requirements or Requirements()
        self.as_of = as_of
        #: What lies in annexes/ and evidence/, or None when there is no folder to look into.
        self.files = files
        self.read: list[str] = []

    def __call__(self, path: str) -> Value:
        self.read.append(paths.generic(path))
        node = self._view.read(path)
        if isinstance(node, Absent):
            raise _Missing(node.needs)
        assert not isinstance(node, Branch), path
        return node.value

    def each(self, path: str, key: str) -> list[tuple[str, Value]]:
        """(path, value) of one key in every item of a list; the figure ends if one is absent."""
        items = self(path) or []
        places = [f"{path}[{index}].{key}" for index in range(len(items))]
        return [(place, self(place)) for place in places]

    def annex(self, kind: str) -> dict[str, Value] | None:
        """The figures of one kind of annex; None when no annex of this kind is given, or when there
        is no folder to look into."""
        files = [value for _, value in self.each("annexes", "file")]
        kinds = [value for _, value in self.each("annexes", "kind")]
        if not files or self._annexes is None:
            return None
        return self._annexes(tuple(zip(files, kinds, strict=True))).get(kind)

    def option(self, path: str, code: str) -> dict[str, Value]:
        """What the schema says of one choice of a field."""
        field = self._view.field(path)
        assert field is not None
        options = field.schema.get("items", field.schema)["oneOf"]
        found: dict[str, Value] = next(one for one in options if one["const"] == code)
        return found

    def everywhere(self, key: str) -> list[tuple[str, Value]]:
        """(path, value) of a key wherever it is stated below any section."""
        self.read += [path for path in self._view.schema.fields if path.endswith(f".{key}")]
        found = [
            (path, value)
            for path, value in paths.leaves(self._view.facts)
            if path.endswith(f".{key}")
        ]
        if self._view.reads is not None:
            self._view.reads.update(path for path, _ in found)
        return found

    def texts(self, section: str) -> list[str]:
        """Every text stated in a section, in order."""
        found: list[str] = []
        waiting = [self.stated(section)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, (dict, list)):
                waiting.extend(reversed(value.values() if isinstance(value, dict) else value))
        return found

    def sections(self) -> Iterable[str]:
        """The names of all sections."""
        return [path for path in self._view.schema.fields if "." not in path and "[" not in path]

    def title(self, path: str) -> str:
        """How a section or a fact is called."""
        return self._view.title(path)

    def fields(self) -> Iterable[Field]:
        """Every field of the facts."""
        return self._view.schema.fields.values()

    def stated(self, path: str) -> Value:
        """A fact's value, or None when it is absent: only for facts that cannot change the figure
        by being absent."""
        self.read.append(paths.generic(path))
        node = self._view.read(path)
        return node.value if isinstance(node, Fact) else None


#: What counts the named files (file, kind or None): the figures of each kind that is in them.
CountAnnexes = Callable[[tuple[tuple[str, str | None], ...]], dict[str, dict[str, Value]]]
Figure = Callable[[Reading], Value]
FIGURES: dict[str, Figure] = {}


def figure(path: str) -> Callable[[Figure], Figure]:
    """Registers a figure under the path that rules and templates read."""

    def register(function: Figure) -> Figure:
        FIGURES[path] = function
        return function

    return register


class Case(NamedTuple):
    """One row of a decision: when it holds, the conclusion has this value, or is an open point.

    ``practice`` says what in it is no text of law, ``changes`` which other facts would change the
    answer, ``decides`` who settles an open point.
    """

    when: Condition | None
    value: Value
    open: str | None
    because: str
    basis: tuple[str, ...]
    practice: str | None = None
    changes: str | None = None
    decides: str | None = None


class Decision(NamedTuple):
    """A conclusion's rows from ``since`` to ``until``, both days included."""

    since: str
    until: str | None
    cases: tuple[Case, ...]


class Conclusion(NamedTuple):
    """A conclusion of law that rules derive from observable facts."""

    id: str
    path: str
    title: str
    decisions: tuple[Decision, ...]
    file: str

    def decision(self, day: str) -> Decision | None:
        return next(
            (
                one
                for one in self.decisions
                if one.since <= day and (one.until is None or day <= one.until)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Concluded:
    """A conclusion reached or left open, with the facts relied on.

    ``needs`` is None when the value is known; ``open`` is the point that only counsel can settle;
    ``case`` is the row that decided; ``determined`` is the path of the determination that overrode
    the rules.
    """

    conclusion: Conclusion
    value: Value
    needs: tuple[str, ...] | None
    because: str
    facts: tuple[tuple[str, Value], ...]
    basis: tuple[str, ...]
    open: str | None = None
    case: Case | None = None
    determined: str | None = None


def load_conclusions(house: House) -> dict[str, Conclusion]:
    """Every conclusion by its path."""
    conclusions = {}
    for record in house.records("schemas/conclusions/*.yaml"):
        for data in record.data:
            conclusions[data["path"]] = Conclusion(
                id=data["id"],
                path=data["path"],
                title=data["title"],
                decisions=tuple(
                    Decision(
                        one["since"],
                        one.get("until"),
                        tuple(
                            Case(
                                row.get("when"),
                                row.get("value"),
                                row.get("open"),
                                row["because"],
                                tuple(row["basis"]),
                                row.get("practice"),
                                row.get("changes"),
                                row.get("decides"),
                            )
                            for row in one["cases"]
                        ),
                    )
                    for one in data["versions"]
                ),
                file=record.file,
            )
    return conclusions


class Derived:
    """The figures and conclusions of one matter on one day, each computed at most once."""

    def __init__(
        self,
        schema: Schema,
        conclusions: dict[str, Conclusion],
        as_of: str,
        files: frozenset[str] | None = None,
        annexes: CountAnnexes | None = None,
        requirements: Requirements | None = None,
    ) -> None:
        self.schema = schema
        self.requirements = requirements
        self.conclusions = conclusions
        self.as_of = as_of
        self.files = files
        self.annexes = annexes
        self.view: View | None = None
        self._figures: dict[str, tuple[Value, tuple[str, ...] | None]] = {}
        self._concluded: dict[str, Concluded] = {}
        self._underway: set[str] = set()

    def read(self, path: str) -> tuple[Value, tuple[str, ...] | None]:
        """A value, and None; or None, and the absent facts (or the open conclusion's own path)."""
        if path in self.conclusions:
            done = self.conclude(path)
            return done.value, done.needs
        if path not in self._figures:
            self._figures[path] = self._guarded(path, lambda: self._compute(path))
        return self._figures[path]

    def conclude(self, path: str) -> Concluded:
        """A conclusion with its reasons."""
        if path not in self._concluded:
            self._concluded[path] = self._guarded(path, lambda: self._decide(path))
        return self._concluded[path]

    def _guarded(self, path: str, work: Callable[[], T]) -> T:
        if path in self._underway:
            raise RecursionError(f"{path} depends on itself")
        self._underway.add(path)
        try:
            return work()
        finally:
            self._underway.remove(path)

    def _compute(self, path: str) -> tuple[Value, tuple[str, ...] | None]:
        assert self.view is not None
        try:
            reading = Reading(
                self.view, self.as_of, self.files, self.annexes, self.requirements
            )
            return FIGURES[path](reading), None
        except _Missing as missing:
            return None, missing.needs

    def _decide(self, path: str) -> Concluded:
        assert self.view is not None
        conclusion = self.conclusions[path]
        determined = self._determination(conclusion)
        if determined is not None:
            return determined
        decision = conclusion.decision(self.as_of)
        if decision is None:
            return Concluded(conclusion, None, None, "该日没有适用的规定。", (), ())
        waiting: list[tuple[Case, tuple[str, ...]]] = []
        facts: tuple[tuple[str, Value], ...] = ()
        for case in decision.cases:
            outcome = conditions.judge(case.when, self.view)
            if outcome.verdict is Verdict.UNKNOWN:
                waiting.append((case, outcome.needs))
            if outcome.verdict is not Verdict.HOLDS:
                facts = facts + tuple(one for one in outcome.because if one not in facts)
                continue
            agreed = case.open is None and all(
                one.open is None and one.value == case.value for one, _ in waiting
            )
            if waiting and not agreed:
                break
            reached = outcome.because or facts
            if case.open is not None:
                return Concluded(
                    conclusion, None, (path,), case.because, reached, case.basis, case.open, case
                )
            return Concluded(
                conclusion, case.value, None, case.because, reached, case.basis, case=case
            )
        if not waiting:
            raise LookupError(f"{path}: no case holds, and none is waiting for a fact")
        case, needs = waiting[0]
        return Concluded(conclusion, None, needs, "所需的事实尚未填写。", facts, case.basis)

    def _determination(self, conclusion: Conclusion) -> Concluded | None:
        """Counsel's determination of a conclusion; one that is not complete has no effect."""
        assert self.view is not None
        node = self.view.read("determinations")
        for item in node.items() if isinstance(node, Fact) else ():
            parts = [item.child(key) for key in ("conclusion", "value", "reason", "by", "on")]
            answers = [part.value for part in parts if isinstance(part, Fact)]
            if len(answers) == len(parts) and answers[0] == conclusion.path:
                path = paths.child(item.path, "value")
                return Concluded(
                    conclusion,
                    answers[1],
                    None,
                    answers[2],
                    ((path, answers[1]),),
                    (),
                    determined=item.path,
                )
        return None


# --- the figures ---------------------------------------------------------------------------------

def _count(path: str) -> Figure:
    return lambda reading: sum(map(characters, reading(path)))


for _name, _path in {
    "principle": "algorithm.principle_paragraphs",
    "mechanism": "algorithm.mechanism_paragraphs",
    "scenario": "algorithm.scenario_paragraphs",
    "purpose": "algorithm.purpose_paragraphs",
}.items():
    figure(f"derived.characters.{_name}")(_count(_path))


def _carried(reading: Reading) -> dict[str, set[str]]:
    """Which of its modalities each stated file format can carry, as the schema declares."""
    return {
        code: set(reading.option("algorithm.output_formats", code)["x-carries"])
        for code in reading("algorithm.output_formats")
    }


@figure("derived.output.modalities_without_format")
def _modalities_without_format(reading: Reading) -> list[str]:
    carried = set().union(*_carried(reading).values())
    return [one for one in reading("algorithm.output_modalities") if one not in carried]


@figure("derived.output.formats_without_modality")
def _formats_without_modality(reading: Reading) -> list[str]:
    modalities = set(reading("algorithm.output_modalities"))
    return [code for code, carried in _carried(reading).items() if not modalities & carried]


@figure("derived.output.modalities_without_label")
def _modalities_without_label(reading: Reading) -> list[str]:
    labelled = {value for _, value in reading.each("labels", "modality")}
    return [one for one in reading("algorithm.output_modalities") if one not in labelled]


@figure("derived.output.label_metadata")
def _label_metadata(reading: Reading) -> list[dict[str, str]]:
    """For each label the metadata of content that is generated, its seven elements in order."""
    rows = []
    for path, modality in reading.each("labels", "modality"):
        label = path.removesuffix(".modality")
        producer, number = reading(f"{label}.producer_code"), reading(f"{label}.content_number_example")
        spreads = reading(f"{label}.writes_propagation")
        elements = {
            "Label": "1",  # 属于; "2" (可能) and "3" (疑似) are for platforms
            "ContentProducer": producer,
            "ProduceID": number,
            "ReservedCode1": reading(f"{label}.reserved_code") or "",
            "ContentPropagator": producer if spreads else "",
            "PropagateID": number if spreads else "",
            "ReservedCode2": "",
        }
        written = json.dumps({"AIGC": elements}, ensure_ascii=False, separators=(",", ":"))
        rows.append({"modality": modality, "metadata": written})
    return rows


@figure("derived.output.cross_modal")
def _cross_modal(reading: Reading) -> bool:
    given = set(reading("algorithm.output_modalities"))
    taken = {one if one in given else one.split("_")[0] for one in reading("algorithm.input_modalities")}
    return taken - {"other"} != given


@figure("derived.portal.out_of_bounds")
def _out_of_bounds(reading: Reading) -> list[str]:
    """Titles of answers whose length the portal does not take."""
    wrong = []
    for field in reading.fields():
        bounds = [(field.portal or {}).get(key) for key in ("minimum", "maximum")]
        if bounds == [None, None]:
            continue
        value = reading.stated(field.path)
        texts = value if isinstance(value, list) else [value]
        if value is not None and counting.fault(texts, *bounds):
            wrong.append(field.title)
    return wrong


@figure("derived.output.unmatched")
def _unmatched(reading: Reading) -> list[str]:
    """What the service generates and the algorithm does not, or the other way; code is text."""
    made = {"text" if one == "code" else one for one in reading("service.generates") or ()}
    stated = reading("algorithm.output_modalities")
    return [*(one for one in stated if one not in made), *sorted(made - set(stated))]


@figure("derived.output.sizes_missing")
def _sizes_missing(reading: Reading) -> int:
    sizes, modalities = reading("algorithm.output_sizes"), reading("algorithm.output_modalities")
    return max(0, len(modalities) - len(sizes))


@figure("derived.input.features_without_modality")
def _features_without_modality(reading: Reading) -> list[str]:
    """Stated biometric features that no stated kind of input can hold, as the schema declares."""
    inputs = {one.partition("_")[0] for one in reading("algorithm.input_modalities")}
    return [
        code
        for code in reading("algorithm.biometric_features") or ()
        if not inputs.intersection(
            reading.option("algorithm.biometric_features", code)["x-carried-by"]
        )
    ]


@figure("derived.output.modalities_labelled_twice")
def _modalities_labelled_twice(reading: Reading) -> list[str]:
    return _repeated(value for _, value in reading.each("labels", "modality"))


@figure("derived.evidence.repeated_ids")
def _repeated_ids(reading: Reading) -> list[str]:
    return _repeated(value for _, value in reading.each("evidence", "id"))


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


@figure("derived.evidence.files_checked")
def _files_checked(reading: Reading) -> bool:
    return not reading("evidence") or reading.files is not None


@figure("derived.evidence.missing_files")
def _missing_files(reading: Reading) -> list[str]:
    if reading.files is None:
        return []  # facts from standard input have no folder; files_checked says so
    return [file for _, file in reading.each("evidence", "file") if file not in reading.files]


@figure("derived.evidence.unknown_references")
def _unknown_references(reading: Reading) -> list[str]:
    known = {value for _, value in reading.each("evidence", "id")}
    cited = [value for _, value in reading.everywhere("evidence")]
    return [one for one in dict.fromkeys(cited) if one is not None and one not in known]


@figure("derived.filing.unfiled_changes")
def _unfiled_changes(reading: Reading) -> list[str]:
    return [
        reading(f"{path.rpartition('.')[0]}.what")
        for path, filed_on in reading.each("filing_history.changes", "filed_on")
        if filed_on is None
    ]


#: Where measures stand in lists; each has a status and its evidence.
MEASURE_LISTS = (
    "training_data.filtering",
    "training_data.property_protection",
    "training_data.personal_information_protection",
    *(
        f"measures.{name}"
        for name in (
            "training_safety",
            "mechanism_review",
            "monitoring",
            "rumour",
            "input_review",
            "output_review",
            "property",
            "competition",
            "discrimination",
            "transparency",
            "accuracy",
            "reliability",
            "special_service",
            "information_protection",
            "rights_requests",
            "account_names",
            "data_security",
            "agreement",
            "content_disposal",
            "offenders",
            "computing",
            "updates",
            "continuity",
        )
    ),
)


@figure("derived.measures.without_evidence")
def _without_evidence(reading: Reading) -> list[str]:
    names = []
    for path in MEASURE_LISTS:
        for item, name in reading.each(path, "name"):
            measure = item.rpartition(".")[0]
            implemented = reading(f"{measure}.status") == "implemented"
            if implemented and reading(f"{measure}.evidence") is None:
                names.append(name)
    return names


#: What the provisions on recommendation (7) and on deep synthesis (7) want institutional rules on.
MATTERS = (
    "mechanism_review",
    "ethics",
    "registration",
    "publication",
    "data_security",
    "personal_information",
    "fraud",
    "assessment",
    "incident",
)


def _issued(reading: Reading, matter: str) -> list[str]:
    """Titles of the rules that cover a matter: drafts until they have number, approver and day."""
    titles = []
    for place, title in reading.each("governance.rules", "title"):
        rule = place.rpartition(".")[0]
        if reading(f"{rule}.status") == "issued" and matter in reading(f"{rule}.covers"):
            number, approver, day = (
                reading(f"{rule}.{key}") for key in ("number", "approver", "issued_on")
            )
            if number is not None and approver is not None and day is not None:
                titles += [title] if day <= reading.as_of else []
    return titles


def _covering(matter: str) -> Figure:
    return lambda reading: _issued(reading, matter)


for _matter in MATTERS:
    figure(f"derived.governance.{_matter}")(_covering(_matter))


@figure("derived.governance.uncovered")
def _uncovered(reading: Reading) -> list[str]:
    return [matter for matter in MATTERS if not _issued(reading, matter)]


@figure("derived.governance.unissued")
def _unissued(reading: Reading) -> list[str]:
    """Rules stated as issued that have no approver or no day."""
    drafts = []
    for place, title in reading.each("governance.rules", "title"):
        rule = place.rpartition(".")[0]
        if reading(f"{rule}.status") == "issued":
            approver, issued_on = (reading(f"{rule}.{key}") for key in ("approver", "issued_on"))
            if approver is None or issued_on is None:
                drafts.append(title)
    return drafts


def _steps(reading: Reading) -> list[flow.Step]:
    """The steps of the algorithm as stated."""
    steps = []
    for place, name in reading.each("algorithm.nodes", "id"):
        node = place.rpartition(".")[0]
        ways = tuple(
            (to, reading(f"{way.rpartition('.')[0]}.when") or "")
            for way, to in reading.each(f"{node}.next", "to")
        )
        kinds = reading(f"{node}.kinds")
        steps.append(flow.Step(name, reading(f"{node}.name"), "、".join(kinds), ways))
    return steps


@figure("derived.flow.repeated_ids")
def _repeated_steps(reading: Reading) -> list[str]:
    return _repeated(one.id for one in _steps(reading))


@figure("derived.flow.unknown_targets")
def _unknown_steps(reading: Reading) -> list[str]:
    return flow.unknown_targets(_steps(reading))


@figure("derived.flow.unreached")
def _unreached_steps(reading: Reading) -> list[str]:
    return flow.unreached(_steps(reading))


@figure("derived.flow.fits")
def _chart_fits(reading: Reading) -> bool:
    return flow.fits(_steps(reading))


@figure("derived.flow.missing_kinds")
def _missing_kinds(reading: Reading) -> list[str]:
    """Of the kinds of step that reviewers look for, those that no step is of."""
    wanted = ("intervention", "labelling")
    present = {kind for _, kinds in reading.each("algorithm.nodes", "kinds") for kind in kinds}
    return [kind for kind in wanted if kind not in present]


@figure("derived.products.inconsistent_usage")
def _inconsistent_usage(reading: Reading) -> list[str]:
    """Products with more users in a day than in a month, or in a month than have registered."""
    wrong = []
    for place, name in reading.each("products", "name"):
        product = place.rpartition(".")[0]
        daily, monthly, registered = (
            reading(f"{product}.{key}_count")
            for key in ("daily_active", "monthly_active", "registered")
        )
        if daily > monthly or monthly > registered:
            wrong.append(name)
    return wrong


def _without_proof(*wanted: str) -> Figure:
    """Of the wanted kinds of screenshot, those that no evidence is stated for."""

    def missing(reading: Reading) -> list[str]:
        proved = {
            kind
            for place, kind in reading.each("algorithm.proofs", "kind")
            if reading(f"{place.rpartition('.')[0]}.evidence") is not None
        }
        return [kind for kind in wanted if kind not in proved]

    return missing


figure("derived.proofs.missing_rights")(
    _without_proof("agreement", "privacy_policy", "login_consent", "complaint_entry")
)
figure("derived.proofs.missing_labels")(_without_proof("explicit_label"))
figure("derived.proofs.missing_others")(_without_proof("refusal", "icp_query"))


@figure("derived.deployment.missing_uses")
def _missing_uses(reading: Reading) -> list[str]:
    """Of inference and storage, what no facility is stated for."""
    used = {value for _, value in reading.each("deployment.facilities", "use")}
    return [one for one in ("inference", "storage") if one not in used]


@figure("derived.deployment.outside_mainland")
def _outside_mainland(reading: Reading) -> list[str]:
    """Places of the facilities that are not in the mainland."""
    places = [place for _, place in reading.each("deployment.facilities", "location")]
    inside = [value for _, value in reading.each("deployment.facilities", "in_mainland")]
    return [place for place, value in zip(places, inside, strict=True) if not value]


def _recipients(reading: Reading, capacity: str, *further: str) -> list[dict[str, Value]]:
    """The recipients of one capacity, with what a notice tells of each."""
    return [
        {
            key: reading(f"{path.rpartition('.')[0]}.{key}")
            for key in ("name", "purpose", "information", "manner", "contact", *further)
        }
        for path, value in reading.each("agreement.recipients", "capacity")
        if value == capacity
    ]


@figure("derived.recipients.entrusted")
def _entrusted(reading: Reading) -> list[dict[str, Value]]:
    return _recipients(reading, "entrusted")


@figure("derived.recipients.independent")
def _independent(reading: Reading) -> list[dict[str, Value]]:
    return _recipients(reading, "independent", "separate_consent")


@figure("derived.impact.matters")
def _matters_assessed(reading: Reading) -> list[str]:
    return [kind for _, kind in reading.each("personal_information.impact.activities", "matter")]


@figure("derived.sensitive.items")
def _sensitive_items(reading: Reading) -> list[dict[str, Value]]:
    """The items of a sensitive kind, with what a notice tells of each."""
    return [
        {"kind": kind}
        | {
            key: reading(f"{path.rpartition('.')[0]}.{key}")
            for key in ("name", "purpose", "necessity", "separate_consent")
        }
        for path, kind in reading.each("personal_information.items", "sensitive_kind")
        if kind != "none"
    ]


def _control(side: str) -> Figure:
    """Characters of what the portal asks of a review: its scope, rules, and what happens on a hit."""
    return lambda reading: sum(
        characters(reading(f"algorithm.{side}.{key}")) for key in ("scope", "rules", "on_hit")
    )


for _side in ("input_control", "output_control"):
    figure(f"derived.characters.{_side}")(_control(_side))


#: How a name that belongs to its owner begins: as many characters as the owner's or a product's.
_OWN = 2


@figure("derived.name.names_owner")
def _names_owner(reading: Reading) -> bool:
    """Whether the algorithm's name has the beginning of the service's or a product's name in it,
    or two characters that follow each other in the entity's name."""
    name, subject = reading("algorithm.name"), reading("subject.name")
    begins = [one[:_OWN] for _, one in reading.each("products", "name")]
    pairs = [subject[at : at + _OWN] for at in range(len(subject) - _OWN + 1)]
    common = {"公司", "有限", "限公", "科技", "技术", "术有", "技有", "智能", "信息", "网络"}
    return any(one in name for one in [*begins, *(pair for pair in pairs if pair not in common)])


@figure("derived.name.names_models")
def _names_models(reading: Reading) -> list[str]:
    """Models of others whose name stands in the algorithm's name."""
    name = reading("algorithm.name")
    found = []
    for place, source in reading.each("models", "source"):
        model = reading(f"{place.rpartition('.')[0]}.name")
        if source != "self" and model in name:
            found.append(model)
    return found


@figure("derived.products.unnamed_in_scenario")
def _unnamed_in_scenario(reading: Reading) -> list[str]:
    told = "".join(reading("algorithm.scenario_paragraphs"))
    names = dict.fromkeys(name for _, name in reading.each("products", "name"))
    return [name for name in names if name not in told]


_QUOTED = re.compile("[“《]([^“”《》]{2,40}算法(?:-[0-9]+)?)[”》]")
_PROSE = ("principle", "mechanism", "scenario", "purpose")


@figure("derived.name.others")
def _other_names(reading: Reading) -> list[str]:
    """Names in quotation marks that the algorithm's texts give to an algorithm, but its own."""
    name = reading("algorithm.name")
    texts = [reading("algorithm.introduction")]
    texts += [one for part in _PROSE for one in reading(f"algorithm.{part}_paragraphs")]
    return [one for one in dict.fromkeys(_QUOTED.findall("\n".join(texts))) if one != name]


@figure("derived.dates.algorithm_assessment_in_order")
def _algorithm_assessment_in_order(reading: Reading) -> bool:
    days = [reading(f"algorithm.assessment.{key}_on") for key in ("started", "finished", "written")]
    return [*days, reading.as_of] == sorted([*days, reading.as_of])


def _answering(reading: Reading, risk: str) -> list[str]:
    """Names of the implemented measures that answer a risk of the algorithm."""
    measures = [
        (name, item.rpartition(".")[0])
        for path in MEASURE_LISTS
        for item, name in reading.each(path, "name")
    ]
    measures.append(("监看和人工审核", "measures.monitors"))
    return [
        name
        for name, measure in measures
        if reading(f"{measure}.status") == "implemented"
        and risk in (reading(f"{measure}.answers") or ())
    ]


RISKS = (
    "misuse",
    "exploitation",
    "vulnerability",
    "generation",
    "storage",
    "spread",
    "leakage",
    "other",
)


def _answered(risk: str) -> Figure:
    return lambda reading: _answering(reading, risk)


for _risk in RISKS:
    figure(f"derived.answered.{_risk}")(_answered(_risk))


@figure("derived.answered.none")
def _unanswered(reading: Reading) -> list[str]:
    return [risk for risk in RISKS if not _answering(reading, risk)]


_ANSWER = ("result", "reason", "remedy", "evidence")


@figure("derived.assessment.requirements")
def _requirements(reading: Reading) -> list[dict[str, Value]]:
    answers = [value for _, value in reading.each("assessment.results", "requirements")]
    told = {
        key: [value for _, value in reading.each("assessment.results", key)] for key in _ANSWER
    }
    answered = {name: place for place, names in enumerate(answers) for name in names}
    titles = dict(reading.requirements.parts)
    before = reading.requirements.before(reading.as_of)
    rows = []
    for one, clause in reading.requirements.on(reading.as_of):
        former = one.clauses.get(before.instrument) if before else None
        place = answered.get(one.id)
        rows.append(
            {
                "id": one.id,
                "part": titles[one.part],
                "gist": one.gist,
                "force": "required" if one.required else "recommended",
                "section": clause.section,
                "number": clause.number,
                "checked_number": clause.number if clause.checked else None,
                "former_section": former.section if former else None,
                "former_number": former.number if former else None,
                "wanted": one.evidence,
                "note": one.note,
                "confidence": one.confidence,
                **{key: None if place is None else told[key][place] for key in _ANSWER},
            }
        )
    return rows


@figure("derived.assessment.overall")
def _overall(reading: Reading) -> str | None:
    # Recommended demands never change the conclusion; what does not apply counts for neither.
    required = [
        one["result"] for one in _requirements(reading) if one["force"] == "required"
    ]
    if not required or None in required:
        return None
    counted = [result for result in required if result != "not_applicable"]
    if "not_met" not in counted:
        return "all_met"
    return "none_met" if set(counted) == {"not_met"} else "partly_met"


#: What each kind of event is among the situations of the 2018 provisions.
SITUATIONS = {
    "function_added": "launched",
    "technology_changed": "technology_changed",
    "users_grew": "users_grew",
    "illegal_spread": "illegal_spread",
    "written_notice": "written_notice",
}


@figure("derived.assessment.situations")
def _situations(reading: Reading) -> list[str]:
    """The situations that ask for the assessment of 2018 and that no report has answered yet."""
    if reading("service.stage") == "ended":
        return []
    found = set()
    if reading("filing_history.assessment_reported_on") is None:
        found.add("launched")
    for place, kind in reading.each("events", "kind"):
        open_still = kind in SITUATIONS and reading(f"{place.rpartition('.')[0]}.done_on") is None
        if open_still:
            found.add(SITUATIONS[kind])
    return [one for one in dict.fromkeys(SITUATIONS.values()) if one in found]


def _in_effect(reading: Reading, path: str) -> bool:
    return "implemented" in [value for _, value in reading.each(path, "status")]


@figure("derived.assessment.unsettled_items")
def _unsettled_items(reading: Reading) -> list[str]:
    """Of the eight items of the assessment of 2018, those that the facts do not show in effect."""
    registers = reading("agreement.account.registration")
    logged = reading("measures.logged_fields")
    names = reading("measures.account_names")
    shown = {
        "安全管理负责人、信息审核人员和安全管理机构": bool(reading("governance.head.name"))
        and reading("measures.monitors.status") == "implemented",
        "用户真实身份核验和注册信息留存": not registers
        or reading("agreement.account.identity_methods") is not None,
        "日志信息和发布信息记录的留存": all(
            one in logged
            for one in (
                *("account", "time", "action", "source_address", "target_address"),
                *("source_port", "client_features"),
            )
        ),
        "违法有害信息的防范处置和记录": (
            names is None or _in_effect(reading, "measures.account_names")
        )
        and _in_effect(reading, "measures.input_review")
        and _in_effect(reading, "measures.output_review"),
        "个人信息保护和防止违法有害信息传播扩散、社会动员功能失控": _in_effect(
            reading, "measures.information_protection"
        )
        and _in_effect(reading, "measures.content_disposal"),
        "投诉、举报制度": bool(reading("complaints.channels")),
        "为网信部门提供支持的工作机制": _in_effect(reading, "measures.supervision_support"),
        "为公安机关、国家安全机关提供支持的工作机制": _in_effect(
            reading, "measures.police_support"
        ),
    }
    return [title for title, settled in shown.items() if not settled]


def _assessed(reading: Reading) -> list[str]:
    return [
        name for _, names in reading.each("assessment.results", "requirements") for name in names
    ]


@figure("derived.assessment.unassessed")
def _unassessed(reading: Reading) -> list[str]:
    assessed = set(_assessed(reading))
    return [
        one.gist for one, _ in reading.requirements.on(reading.as_of) if one.id not in assessed
    ]


@figure("derived.assessment.repeated")
def _assessed_twice(reading: Reading) -> list[str]:
    return [name for name, count in Counter(_assessed(reading)).items() if count > 1]


@figure("derived.assessment.unknown")
def _unknown_requirements(reading: Reading) -> list[str]:
    known = {one.id for one, _ in reading.requirements.on(reading.as_of)}
    return [name for name in dict.fromkeys(_assessed(reading)) if name not in known]


@figure("derived.assessment.unnumbered_count")
def _unnumbered_count(reading: Reading) -> int:
    assessed = set(_assessed(reading))
    return sum(
        1
        for one, clause in reading.requirements.on(reading.as_of)
        if one.id in assessed and not (clause.number and clause.checked)
    )


@figure("derived.assessment.yardstick")
def _yardstick(reading: Reading) -> str | None:
    reading("assessment.results")  # nothing was judged by anything before there is a result
    regime = reading.requirements.regime(reading.as_of)
    return regime.instrument if regime else None


SAMPLINGS = (
    "corpus_manual",
    "corpus_keyword",
    "corpus_classifier",
    "generated_manual",
    "generated_keyword",
    "generated_classifier",
)


#: Each sampling with the count that its rate is about.
RATES = {
    **{name: (f"evaluation.{name}", "passed_count") for name in SAMPLINGS},
    "refuse": ("evaluation.refuse", "refused_count"),
    "answer": ("evaluation.answer", "refused_count"),
    "functional_check": ("annotation.functional_check", "passed_count"),
    "safety_check": ("annotation.safety_check", "passed_count"),
}


def _rate(path: str, good: str) -> Figure:
    def rate(reading: Reading) -> str:
        from beian.annexes.counts import percent

        return percent(reading(f"{path}.{good}"), reading(f"{path}.sample_count"))

    return rate


for _name, (_path, _good) in RATES.items():
    figure(f"derived.rates.{_name}")(_rate(_path, _good))


def _corpus_total(key: str) -> Figure:
    def total(reading: Reading) -> Value:
        # Decimals as typed: doubles would print 0.1 + 0.2 as what they are.
        values = [Decimal(str(one)) for _, one in reading.each("training_data.sources", key)]
        return _plain(sum(values, Decimal(0)))

    return total


def _plain(whole: Decimal) -> Value:
    return int(whole) if whole == whole.to_integral_value() else float(whole)


for _name in ("item_count", "size_gb"):
    figure(f"derived.corpus.{_name}")(_corpus_total(_name))


@figure("derived.corpus.token_count_wan")
def _token_total(reading: Reading) -> Value:
    """Only texts and code have tokens; None where no source has any."""
    kinds = reading.each("training_data.sources", "data_type")
    places = [path.rpartition(".")[0] for path, kind in kinds if kind in ("text", "code")]
    values = [Decimal(str(reading(f"{place}.token_count_wan"))) for place in places]
    return _plain(sum(values, Decimal(0))) if values else None


@figure("derived.evaluation.inconsistent")
def _inconsistent(reading: Reading) -> list[str]:
    """Samplings in which more was drawn than there was, or more passed than was drawn."""
    wrong = []
    trained = reading("training_data.sources") is not None
    for name in SAMPLINGS:
        path = f"evaluation.{name}"
        if name.startswith("corpus_") and not trained:
            continue  # there is no corpus to draw from
        if reading(path) is None:
            continue
        population, drawn, passed = (
            reading(f"{path}.{key}") for key in ("population_count", "sample_count", "passed_count")
        )
        if drawn > population or passed > drawn:
            wrong.append(path)
    return wrong


def _samplings(reading: Reading) -> list[str]:
    """The paths of the samplings that the report tells of; there may be no corpus to draw from."""
    drawn = [*SAMPLINGS, "refuse", "answer"]
    if reading("training_data.sources") is None:
        drawn = [one for one in drawn if not one.startswith("corpus_")]
    return [f"evaluation.{one}" for one in drawn]


def _share(part: str, whole: str) -> Figure:
    return lambda reading: reading(part) / reading(whole)


for _name in (*SAMPLINGS, "refuse", "answer"):
    _good = "passed_count" if _name in SAMPLINGS else "refused_count"
    figure(f"derived.evaluation.{_name}_rate")(
        _share(f"evaluation.{_name}.{_good}", f"evaluation.{_name}.sample_count")
    )
for _name in ("corpus_keyword", "corpus_classifier"):
    figure(f"derived.evaluation.{_name}_share")(
        _share(f"evaluation.{_name}.sample_count", f"evaluation.{_name}.population_count")
    )


@figure("derived.assessment.outside_team")
def _outside_team(reading: Reading) -> list[str]:
    """Reviewers of the samplings who are named neither as leads nor in the team."""
    team = {reading(f"assessment.{lead}.name") for lead in ("lead", "legality_lead")}
    team.update(name for _, name in reading.each("assessment.team", "name"))
    drew = [name for path in _samplings(reading) for name in reading(f"{path}.reviewers")]
    return [name for name in dict.fromkeys(drew) if name not in team]


@figure("derived.assessment.names_version")
def _names_version(reading: Reading) -> bool:
    version = reading("service.version")
    return any(version in one for one in reading("assessment.scope_paragraphs"))


@figure("derived.dates.out_of_order")
def _out_of_order(reading: Reading) -> list[str]:
    """Pairs of days of the assessment that contradict each other, in words."""
    ordered = [
        (("评估开始", "assessment.started_on"), ("评估完成", "assessment.finished_on")),
        (("评估完成", "assessment.finished_on"), ("报告签署", "assessment.signed_on")),
        (("报告签署", "assessment.signed_on"), ("服务上线", "service.launched_on")),
    ]
    if reading("annotation.performed"):
        start, end = ("标注开始", "annotation.started_on"), ("标注完成", "annotation.finished_on")
        ordered += [
            (("标注规则发布", "annotation.rules_issued_on"), start),
            (("标注人员培训", "annotation.training_on"), start),
            (start, end),
            (end, ("评估完成", "assessment.finished_on")),
        ]
    finished = ("评估完成", "assessment.finished_on")
    ordered += [(("抽检", f"{path}.conducted_on"), finished) for path in _samplings(reading)]
    wrong = [
        f"{first}（{reading(early)}）晚于{second}（{reading(late)}）"
        for (first, early), (second, late) in ordered
        if reading(early) > reading(late)
    ]
    signed_on = reading("assessment.signed_on")
    relied = {value for _, value in reading.each("assessment.results", "evidence")}
    for place, name in reading.each("evidence", "id"):
        obtained_on = reading(f"{place.rpartition('.')[0]}.obtained_on")
        if name in relied and obtained_on > signed_on:
            wrong.append(f"佐证{name}的取得（{obtained_on}）晚于报告签署（{signed_on}）")
    return list(dict.fromkeys(wrong))


@figure("derived.deployment.training_stated")
def _training_stated(reading: Reading) -> bool:
    used = [value for _, value in reading.each("deployment.facilities", "use")]
    return "training" in used or not _own_or_changed(reading)


@figure("derived.models.lapsed_contracts")
def _lapsed_contracts(reading: Reading) -> list[str]:
    """Models called through an interface whose contract ends too early for the service."""
    names = []
    for path, source in reading.each("models", "source"):
        item = path.rpartition(".")[0]
        if source == "third_party_api":
            last = reading(f"{item}.contract.expires_on")
            if last is not None and last < max(reading("service.launched_on"), reading.as_of):
                names.append(reading(f"{item}.name"))
    return names


@figure("derived.models.unfiled_third_party")
def _unfiled_third_party(reading: Reading) -> list[str]:
    names = []
    for path, source in reading.each("models", "source"):
        item = path.rpartition(".")[0]
        if source != "self" and reading(f"{item}.filing_number") is None:
            names.append(reading(f"{item}.name"))
    return names


@figure("derived.models.overseas")
def _overseas(reading: Reading) -> list[str]:
    names = []
    for path, hosted in reading.each("models", "hosted_in_mainland"):
        item = path.rpartition(".")[0]
        called = reading(f"{item}.source") == "third_party_api"
        if not hosted or (called and not reading(f"{item}.provider_in_mainland")):
            names.append(reading(f"{item}.name"))
    return names


@figure("derived.roles.acts")
def _acts(reading: Reading) -> list[str]:
    return list(dict.fromkeys(act for _, act in reading.each("service.functions", "act")))


@figure("derived.roles.by_function")
def _by_function(reading: Reading) -> list[dict[str, str]]:
    rows = []
    for path, act in reading.each("service.functions", "act"):
        name = reading(f"{path.rpartition('.')[0]}.name")
        option = reading.option("service.functions[].act", act)
        rows += [
            {"function": name, "act": option["title"], "role": role} for role in option["x-roles"]
        ]
    return rows


# A bare "no" exempts nobody: what else is stated is held against it. Absent facts say nothing
# either way, and whatever they turn out to be can only add a sign.


@figure("derived.signs.generation")
def _signs_of_generation(reading: Reading) -> list[str]:
    told = ("algorithm.output_modalities", "service.synthesis_functions")
    return [path for path in told if reading.stated(path)]


@figure("derived.signs.public")
def _signs_of_public(reading: Reading) -> list[str]:
    forms = _stated_in_products(reading, "form")
    signs = [one for one in ("mini_program", "public_account") if one in forms]
    functions = reading.stated("service.public_functions")
    return [*signs, "service.public_functions"] if functions else signs


@figure("derived.signs.mainland")
def _signs_of_mainland(reading: Reading) -> list[str]:
    forms = _stated_in_products(reading, "form")
    signs = [one for one in ("mini_program", "public_account") if one in forms]
    return ["icp_number", *signs] if any(_stated_in_products(reading, "icp_number")) else signs


def _stated_in_products(reading: Reading, key: str) -> list[Value]:
    products = reading.stated("products") or []
    return [reading.stated(f"products[{number}].{key}") for number in range(len(products))]


@figure("derived.models.own_or_changed")
def _own_or_changed(reading: Reading) -> bool:
    own = [source == "self" for _, source in reading.each("models", "source")]
    changed = [reading.stated(f"models[{number}].weights_changed") for number in range(len(own))]
    if any(own) or any(changed):
        return True
    return any(value for _, value in reading.each("models", "weights_changed"))


@figure("derived.models.all_by_api")
def _all_by_api(reading: Reading) -> bool:
    return all(source == "third_party_api" for _, source in reading.each("models", "source"))


@figure("derived.models.all_filed")
def _all_filed(reading: Reading) -> bool:
    return all(number is not None for _, number in reading.each("models", "filing_number"))


def _measures(reading: Reading) -> list[tuple[str, str, str | None]]:
    """(name, day, evidence id) of every measure taken or planned; the barrier where one is owed."""
    found = []
    if reading("minors.access") == "excluded":
        found.append(("年龄屏障", "minors.barrier"))
    for path, modality in reading.each("labels", "modality"):
        name = reading.option("labels[].modality", modality)["title"]
        found.append((f"{name}标识", path.rpartition(".")[0]))
    return [
        (name, reading(f"{item}.since_on"), reading.stated(f"{item}.evidence"))
        for name, item in found
        if reading(f"{item}.status") != "not_implemented"
    ]


@figure("derived.dates.measures_after_launch")
def _measures_after_launch(reading: Reading) -> list[str]:
    launched_on = reading("service.launched_on")
    return [name for name, day, _ in _measures(reading) if day > launched_on]


@figure("derived.dates.products_before_service")
def _products_before_service(reading: Reading) -> list[str]:
    launched_on = reading("service.launched_on")
    return [
        reading(f"{path.rpartition('.')[0]}.name")
        for path, day in reading.each("products", "launched_on")
        if day < launched_on
    ]


@figure("derived.dates.evidence_before_measure")
def _evidence_before_measure(reading: Reading) -> list[str]:
    started = {evidence: day for _, day, evidence in _measures(reading) if evidence is not None}
    older = []
    for path, name in reading.each("evidence", "id"):
        item = path.rpartition(".")[0]
        if name in started and reading(f"{item}.obtained_on") < started[name]:
            older.append(reading(f"{item}.title"))
    return older


@figure("derived.dates.stage_fits_launch")
def _stage_fits_launch(reading: Reading) -> bool:
    stage, launched_on = reading("service.stage"), reading("service.launched_on")
    if stage in ("live", "ended"):
        return bool(launched_on <= reading.as_of)
    return bool(launched_on >= reading.as_of)


@figure("derived.agreement.days_before_effect")
def _days_before_effect(reading: Reading) -> int:
    return _days(reading("agreement.updated_on"), reading("agreement.effective_on"))


def _days(first: str, last: str) -> int:
    """Days from one to the other; the first is not counted."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


@figure("derived.agreement.notice_margin_days")
def _notice_margin_days(reading: Reading) -> int | None:
    if reading("agreement.previous_effective_on") is None:
        return None
    adverse = reading("agreement.change_adverse")
    kind = "adverse_change_notice_days" if adverse else "change_notice_days"
    promised = int(reading(f"agreement.{kind}"))
    return _days(reading("agreement.updated_on"), reading("agreement.effective_on")) - promised


# --- the client's own lists ---------------------------------------------------------------------

_COUNTED = ("row_count", "rejected_count", "duplicate_count")
_CLASSED = (
    *_COUNTED,
    *("distinct_count", "covered_count", "illegal_covered_count", "beyond_count"),
    *("uncovered", "updated_on", "classes"),
)
#: What is told of each kind of annex, as beian.annexes.counts counts it.
ANNEXES: dict[str, tuple[str, ...]] = {
    "keywords": _CLASSED,
    "generated": _CLASSED,
    "refuse": _CLASSED,
    "answer": _CLASSED,
    "corpora": (
        *_COUNTED,
        *("source_count", "item_count", "foreign_item_count", "foreign_share"),
        *("languages", "data_types", "source_kinds"),
    ),
    "annotations": (
        *_COUNTED,
        *("item_count", "functional_count", "safety_count", "annotator_count", "reviewer_count"),
        *("unreviewed_count", "self_reviewed_count", "covered_count", "uncovered"),
    ),
    "samplings": ("row_count", "rejected_count", "records", "unrecorded"),
}


def _given(kind: str) -> Figure:
    return lambda reading: reading.annex(kind) is not None


def _counted(kind: str, name: str) -> Figure:
    def read(reading: Reading) -> Value:
        figures = reading.annex(kind)
        return None if figures is None else figures[name]

    return read


def _age_days(kind: str) -> Figure:
    def read(reading: Reading) -> Value:
        updated_on = (reading.annex(kind) or {}).get("updated_on")
        if updated_on is None:
            return None
        return (date.fromisoformat(reading.as_of) - date.fromisoformat(updated_on)).days

    return read


@figure("derived.annex.problem_count")
def _annex_problem_count(reading: Reading) -> int:
    count: int = (reading.annex("files") or {}).get("problem_count", 0)
    return count


@figure("derived.annex.files_checked")
def _annex_files_checked(reading: Reading) -> bool:
    return not reading("annexes") or reading.files is not None


@figure("derived.annex.missing_files")
def _annex_missing_files(reading: Reading) -> list[str]:
    files = [file for _, file in reading.each("annexes", "file")]
    return [] if reading.files is None else [one for one in files if one not in reading.files]


for _kind, _names in ANNEXES.items():
    figure(f"derived.annex.{_kind}.given")(_given(_kind))
    for _name in _names:
        figure(f"derived.annex.{_kind}.{_name}")(_counted(_kind, _name))
    if "updated_on" in _names:
        figure(f"derived.annex.{_kind}.age_days")(_age_days(_kind))


def _licences(reading: Reading, state: str) -> list[str]:
    """The kinds of the licences in one state."""
    kinds = [kind for _, kind in reading.each("licences.items", "kind")]
    states = [value for _, value in reading.each("licences.items", "state")]
    return [kind for kind, value in zip(kinds, states, strict=True) if value == state]


@figure("derived.licences.held")
def _licences_held(reading: Reading) -> list[str]:
    return _licences(reading, "held")


@figure("derived.licences.applied")
def _licences_applied(reading: Reading) -> list[str]:
    return _licences(reading, "applied")


@figure("derived.licences.settled")
def _licences_settled(reading: Reading) -> list[str]:
    """Kinds held, applied for, or not needed with a reason: a bare "not needed" settles nothing."""
    return [
        kind
        for path, kind in reading.each("licences.items", "kind")
        if reading(f"{path.rpartition('.')[0]}.state") != "not_needed"
        or reading(f"{path.rpartition('.')[0]}.reason") is not None
    ]


@figure("derived.licences.unsettled")
def _licences_unsettled(reading: Reading) -> list[str]:
    wanted = [
        reading.option("licences.functions", function)["x-licence"]
        for function in reading("licences.functions") or []
    ]
    settled = _licences_settled(reading)
    return [kind for kind in wanted if kind is not None and kind not in settled]


@figure("derived.licences.expired")
def _licences_expired(reading: Reading) -> list[str]:
    gone = []
    for path, kind in reading.each("licences.items", "kind"):
        item = path.rpartition(".")[0]
        if reading(f"{item}.state") == "held":
            day = reading(f"{item}.expires_on")
            if day is not None and day < reading.as_of:
                gone.append(kind)
    return gone


@figure("derived.licences.closed_to_foreign")
def _closed_to_foreign(reading: Reading) -> list[str]:
    return [
        function
        for function in reading("licences.functions") or []
        if reading.option("licences.functions", function)["x-closed-to-foreign"]
    ]


@figure("derived.dates.agent_authorised")
def _agent_authorised(reading: Reading) -> bool:
    """Whether the day lies within the authority of the agent; without an agent nothing is lacking."""
    since, until = (reading(f"subject.filing_agent.authorised_{key}") for key in ("from", "until"))
    return since is None or until is None or bool(since <= reading.as_of <= until)


#: The sections whose words go into the papers of the algorithm filing.
WORDED = ("algorithm", "products", "models", "training_data", "annotation", "measures", "governance", "deployment")
#: What is left standing in a text that was taken from a pattern.
_PLACEHOLDER = re.compile(r"[XＸ×]{2,}|某某|某(?:公司|单位|平台)|[_＿]{3,}|待(?:补充|填写|定稿)|TODO|请(?:填写|补充)|【[^】]*】")
_COMPANY = re.compile(r"[\u4e00-\u9fff（）]{2,20}?(?:有限责任|股份有限|有限)公司")
_HOST = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|ai|io|top|tech)(?![\w-])")
#: Shorter sentences may be alike by chance: “不适用。” is no paragraph taken from elsewhere.
_LIKE = 24


def _worded(reading: Reading) -> list[tuple[str, str]]:
    """(section, text) of all that the papers of the filing print; the figure ends without the algorithm."""
    reading("algorithm")
    return [(section, text) for section in WORDED for text in reading.texts(section)]


@figure("derived.wording.placeholders")
def _placeholders(reading: Reading) -> list[str]:
    return [
        f"{reading.title(section)}中的“{match[0]}”"
        for section, text in _worded(reading)
        if (match := _PLACEHOLDER.search(text))
    ]


@figure("derived.wording.repeated")
def _said_twice(reading: Reading) -> list[str]:
    # A second filing of the same capability may say the same as the first.
    own = (text for path, text in _worded(reading) if not path.startswith("algorithm.counterpart"))
    counted = Counter(text for text in own if len(text) >= _LIKE)
    return [f"{text[:_LIKE]}…" for text, count in counted.items() if count > 1]


@figure("derived.wording.strangers")
def _strangers(reading: Reading) -> list[str]:
    """Companies and sites in the words of the filing that no fact names as the matter's own."""
    texts = _worded(reading)
    stated = [text for section in reading.sections() for text in reading.texts(section)]
    own = {text for text in stated if text.endswith("公司") and len(text) < 40}
    hosts = {host[0] for text in stated if "://" in text for host in _HOST.finditer(text)}
    found: dict[str, None] = {}
    for _, text in texts:
        if _COMPANY.search(text):
            for name in sorted(own, key=len, reverse=True):
                text = text.replace(name, "　")
            found.update((match[0], None) for match in _COMPANY.finditer(text))
        if "://" not in text:
            found.update(
                (match[0], None)
                for match in _HOST.finditer(text)
                if not any(f".{match[0]}".endswith(f".{one}") or f".{one}".endswith(f".{match[0]}") for one in hosts)
            )
    return list(found)
