"""Adopts an authority's own form: proposes a fact for each blank, and makes a document folder of it."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from beian import paths, yamltext
from beian.assembly import write_new_folder
from beian.bookform import BookForm
from beian.documents import Document
from beian.errors import BeianError
from beian.formgrid import Found
from beian.labels import Labels, Match, printable, title, variants
from beian.library import Library
from beian.model import Place, Value
from beian.schema import Field
from beian.wordform import WordForm

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|\s.]+')
_PLAIN_TAG = re.compile(r"\{\{ ([^|{}]+) \}\}\Z")
_YES, _NO = (
    ("是", "有", "能", "可以", "包含", "涉及"),
    ("否", "无", "不能", "不可以", "不包含", "不涉及"),
)
_OTHER = "其他"

STATES = {
    "sure": "确定",
    "confirmed": "已确认",
    "unsure": "待确认",
    "unmapped": "未对应",
    "left": "留空",
    "signature": "签章处",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of a list: the form's words, and the code of the choice that ticks it, if any."""

    text: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank of a form: where it stands, what it is called there, and the fact proposed.

    ``kind`` is cell, gap, date, mark, boxes, open, weak, column or signature.
    """

    number: int
    place: str
    label: str
    kind: str
    path: str | None
    sure: bool
    alternatives: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    position: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A form as it was read: its file, its title and its blanks in order."""

    file: str
    raw: bytes = field(repr=False)
    title: str
    blanks: tuple[Blank, ...]
    library: Library = field(repr=False, compare=False)

    @property
    def ending(self) -> str:
        return self.file.rpartition(".")[2].lower()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    def sure_mapping(self) -> dict[int, str]:
        """The path of each blank about which nothing is open."""
        return {one.number: one.path for one in self.blanks if one.sure and one.path}

    def blank(self, number: int) -> Blank:
        return self.blanks[number - 1]


# --- reading -------------------------------------------------------------------------------------


def propose(file: Path, library: Library) -> Proposal:
    """The blanks of a .docx or .xlsx form with a fact proposed for each.

    BeianError when the file is neither, or (a workbook) holds what filling it would lose.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BeianError(f"无法读取：{error.strerror or error}。", place=Place(str(file))) from None
    form = _read(raw, str(file))
    labels = Labels(library)
    blanks: list[Blank] = []
    for position, found in enumerate(form.blanks):
        blank = _blank(len(blanks) + 1, position, found, labels)
        if blank is not None:
            blanks.append(blank)
    return Proposal(file.name, raw, form.title or file.stem, tuple(blanks), library)


def _read(raw: bytes, file: str) -> WordForm | BookForm:
    ending = file.rpartition(".")[2].lower()
    if ending == "docx":
        return WordForm(raw, file)
    if ending == "xlsx":
        from beian.render.form import refuse_losses

        form = BookForm(raw, file)
        refuse_losses(raw, file)
        return form
    raise BeianError(
        "只采用 .docx 和 .xlsx 表格。",
        place=Place(file),
        hint="在 Word、Excel 或 WPS 中打开，另存为 .docx 或 .xlsx。",
    )


def _blank(number: int, position: int, found: Found, labels: Labels) -> Blank | None:
    """A blank with its proposal; None for what only looks like one."""
    if found.kind in ("open", "weak") and not labels.knows(found.label):
        return None
    if labels.signed_by_hand(found.label):
        return Blank(number, found.place, found.label, "signature", None, False, (), (), position)
    match = labels.match(found.label, found.contexts)
    if found.kind == "boxes":
        match = _match_boxes(found, match, labels.library)
    elif found.kind == "date":
        match = _only_dates(match, labels.library)
    elif found.kind == "column":
        match = Match(None)
    sure = match.sure and not found.below
    return Blank(
        number,
        found.place,
        found.label,
        found.kind,
        match.path,
        sure,
        match.alternatives,
        found.options,
        position,
    )


def _only_dates(match: Match, library: Library) -> Match:
    """A blank made of 年 月 日 takes a day and nothing else."""
    days = [
        one
        for one in (match.path, *match.alternatives)
        if one and (field := library.field(paths.generic(one))) and field.format == "date"
    ]
    if not days:
        return Match(None)
    return Match(days[0], match.sure and days[0] == match.path, tuple(days[1:]))


def _match_boxes(found: Found, match: Match, library: Library) -> Match:
    """The fact whose choices the boxes offer: by its label, or else by the choices alone."""
    named = [one for one in (match.path, *match.alternatives) if one]
    fitting = [one for one in named if 2 * _fits(library, one, found.options) >= len(found.options)]
    if fitting:
        best = fitting[0]
        choices = choices_of(library.field(paths.generic(best)), found.options)
        whole = all(one.code is not None or one.text.startswith(_OTHER) for one in choices)
        sure = match.sure and best == match.path and whole
        return Match(best, sure, tuple(one for one in named if one != best))
    offered = {
        path: _fits(library, path, found.options)
        for path, field in library.schema.fields.items()
        if field.choices and not path.endswith("[]")
    }
    best_count = max(offered.values(), default=0)
    if best_count < 2 or best_count < 0.6 * len(found.options):
        return Match(None, False, tuple(one for one in named if _fits(library, one, found.options)))
    tied = [path.replace("[]", "[0]") for path, count in offered.items() if count == best_count]
    return Match(tied[0], False, tuple(tied[1:6]))


def _fits(library: Library, path: str, options: Iterable[str]) -> int:
    field = library.field(paths.generic(path))
    return sum(1 for one in choices_of(field, options) if one.code is not None)


def choices_of(field: Field | None, options: Iterable[str]) -> list[Choice]:
    """For each box of a form the code of the choice that it stands for, or None."""
    if field is None:
        return [Choice(one, None) for one in options]
    titles: dict[str, str] = {}
    if field.choices:
        titles = {code: words for code, words in field.choices.items() if isinstance(code, str)}
    made: list[Choice] = []
    for text in options:
        code = _truth(text) if field.kind == "boolean" else _code(text, titles)
        made.append(Choice(text, code))
    codes = [one.code for one in made]
    return [
        one if codes.count(one.code) == 1 else Choice(one.text, None) for one in made
    ]  # two boxes for one choice: neither is known


def _truth(text: str) -> str | None:
    words = text.strip()
    return "true" if words in _YES else "false" if words in _NO else None


def _code(text: str, titles: Mapping[str, str]) -> str | None:
    names = set(variants(text))
    for code, words in titles.items():
        if names & set(variants(words)):
            return code
    near = [
        code
        for code, words in titles.items()
        for name in names
        if len(name) >= 2 and variants(words)[0].startswith(name)
    ]
    return near[0] if len(set(near)) == 1 else None


# --- filling in ----------------------------------------------------------------------------------


def apply(proposal: Proposal, mapping: Mapping[int, str]) -> bytes:
    """The original Word form with a tag in each blank named by its number; nothing else changes.

    For a workbook, which stays as it is, see :func:`cells`.
    """
    form = WordForm(proposal.raw, proposal.file)
    return form.fill(_texts(proposal, mapping))


def cells(proposal: Proposal, mapping: Mapping[int, str]) -> dict[str, dict[str, str]]:
    """{sheet: {cell: what}} for a workbook: a path, or a text with tags where the cell says more."""
    filled = BookForm(proposal.raw, proposal.file).fill(_texts(proposal, mapping))
    return {
        sheet: {
            name: found[1] if (found := _PLAIN_TAG.fullmatch(text)) else text
            for name, text in places.items()
        }
        for sheet, places in filled.items()
    }


def _texts(proposal: Proposal, mapping: Mapping[int, str]) -> dict[int, str | Mapping[int, str]]:
    texts: dict[int, str | Mapping[int, str]] = {}
    for number, path in mapping.items():
        blank = proposal.blank(number)
        field = check(proposal, blank, path)
        if blank.kind != "boxes":
            texts[blank.position] = tag(path, field)
            continue
        texts[blank.position] = {
            box: box_tag(path, one.code, field)
            for box, one in enumerate(choices_of(field, blank.options))
            if one.code is not None
        }
    return texts


def tag(path: str, field: Field) -> str:
    """The tag that prints a fact in a blank; the paragraphs of a prose stand one below another."""
    if field.is_list and path.endswith("_paragraphs"):
        return f'{{{{ {path}|join("\\n") }}}}'
    return f"{{{{ {path} }}}}"


def box_tag(path: str, code: str, field: Field) -> str:
    """What prints a ticked box when the fact is, or contains, the choice, and else an empty one."""
    if field.kind == "boolean":
        return f"{{% if {path} == {code} %}}☑{{% else %}}☐{{% endif %}}"
    return f'{{{{ {path}|box("{code}") }}}}'


def check(proposal: Proposal, blank: Blank, path: str) -> Field:
    """The declaration of a path that a blank may hold; BeianError when it may not."""
    place = Place(f"{proposal.file} {blank.place}")
    try:
        paths.parse(path)
        declared = proposal.library.field(paths.generic(path))
    except ValueError:
        declared = None
    if declared is None:
        raise BeianError(
            f"没有“{path}”这个事实。", place=place, hint=_nearest(path, proposal.library)
        )
    if not printable(declared):
        raise BeianError(
            f"“{path}”是一组内容，不能填进一个空。",
            place=place,
            hint=f"写到具体的一项，例如 {_nearest(path + '.name', proposal.library)}",
        )
    if blank.kind == "boxes" and not any(one.code for one in choices_of(declared, blank.options)):
        raise BeianError(
            f"“{declared.title}”没有与这些方框对应的选项：{'、'.join(blank.options)}。", place=place
        )
    return declared


def _nearest(path: str, library: Library) -> str:
    import difflib

    known = [one for one, field in library.schema.fields.items() if printable(field)]
    close = difflib.get_close_matches(paths.generic(path), known, n=1, cutoff=0.4)
    return f"是否想写 {close[0]}？" if close else "可用的路径见 beian explain。"


# --- what was decided ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one blank: the path put into it, and on whose word."""

    blank: Blank
    path: str | None
    state: str

    @property
    def is_open(self) -> bool:
        return self.state in ("unsure", "unmapped")

    def as_value(self) -> dict[str, Value]:
        blank = self.blank
        record: dict[str, Value] = {
            "number": blank.number,
            "place": blank.place,
            "label": blank.label,
            "kind": blank.kind,
            "path": self.path,
            "state": self.state,
        }
        proposed = [one for one in (blank.path, *blank.alternatives) if one and one != self.path]
        if proposed:
            record["proposed"] = proposed
        if blank.options:
            record["options"] = list(blank.options)
        return record


def decide(proposal: Proposal, chosen: Mapping[int, str | None]) -> list[Decision]:
    """What becomes of every blank, given what a person chose for some (None: leave it empty)."""
    made: list[Decision] = []
    for blank in proposal.blanks:
        if blank.number in chosen:
            path = chosen[blank.number]
            if path is not None:
                check(proposal, blank, path)
            agreed = blank.sure and path == blank.path
            state = "sure" if agreed else "confirmed" if path is not None else "left"
            made.append(Decision(blank, path, state))
        elif blank.kind == "signature":
            made.append(Decision(blank, None, "signature"))
        elif blank.sure and blank.path:
            made.append(Decision(blank, blank.path, "sure"))
        else:
            made.append(Decision(blank, None, "unsure" if blank.path else "unmapped"))
    return made


def mapping_of(decisions: Iterable[Decision]) -> dict[int, str]:
    """The path of each blank that gets one, by its number."""
    return {one.blank.number: one.path for one in decisions if one.path is not None}


def personal(proposal: Proposal, decisions: Iterable[Decision]) -> list[str]:
    """The paths of personal data that the form will hold, each once."""
    found = {
        one.path: None
        for one in decisions
        if one.path
        and (field := proposal.library.field(paths.generic(one.path)))
        and field.sensitive
    }
    return list(found)


def record(proposal: Proposal, decisions: Iterable[Decision]) -> dict[str, Value]:
    """What mapping.yaml says: the form, and what became of each blank."""
    return {
        "form": {"file": proposal.file, "sha256": proposal.sha256, "title": proposal.title},
        "blanks": [one.as_value() for one in decisions],
    }


def read_mapping(file: Path, proposal: Proposal) -> dict[int, str | None]:
    """What a mapping file chose: a mapping.yaml with its paths filled in, or {number: path}.

    A blank that such a file leaves open stays open. BeianError when it was made for another form.
    """
    try:
        text = yamltext.decode(file.read_bytes(), str(file))
    except OSError as error:
        raise BeianError(f"无法读取：{error.strerror or error}。", place=Place(str(file))) from None
    placed = yamltext.read(text, str(file), dotted_keys=True)
    value = placed.value
    if not isinstance(value, dict):
        raise BeianError("不是对应表。", place=Place(str(file)), hint=_MAPPING_HINT)
    made_for = value.get("form", {}).get("sha256") if isinstance(value.get("form"), dict) else None
    if made_for not in (None, proposal.sha256):
        raise BeianError(
            "这份对应表是为另一份表格做的（sha256 不同）。",
            place=Place(str(file)),
            hint="对应的表格改过之后，须重新逐项确认。",
        )
    chosen: dict[int, str | None] = {}
    for number, path, where in _chosen(value):
        place = placed.place(where)
        if not (str(number).isdigit() and 0 < int(number) <= len(proposal.blanks)):
            raise BeianError(f"表格中没有第 {number} 个空。", place=place, hint=_MAPPING_HINT)
        if path is not None and not isinstance(path, str):
            raise BeianError("路径应为文字。", place=place, hint=_MAPPING_HINT)
        chosen[int(number)] = path
    return chosen


_MAPPING_HINT = "写作“序号: 路径”，序号见 adopt 列出的表；或者在 mapping.yaml 中补上 path。"


def _chosen(value: dict[str, Value]) -> Iterator[tuple[Value, Value, str]]:
    """(number, path, where it is written) of everything a mapping file decides."""
    if "blanks" not in value:
        yield from ((number, path, number) for number, path in value.items() if number != "form")
        return
    for position, one in enumerate(value["blanks"] or ()):
        if not isinstance(one, dict):
            continue
        if one.get("path") is not None or one.get("state") == "left":
            yield one.get("number"), one.get("path"), f"blanks[{position}].path"


# --- the document folder -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What a document folder says of the form: see templates/<id>/document.yaml."""

    id: str
    retrieved_on: str
    replaces: str | None = None
    audience: str | None = None
    family: str | None = None
    official_form: str | None = None
    basis: tuple[str, ...] = ()


def write_folder(
    proposal: Proposal, decisions: list[Decision], folder: Path, about: About
) -> list[Path]:
    """Writes DIR/templates/<id>/ at once and tells its files; refuses to overwrite anything."""
    target = folder / "templates" / about.id
    if target.exists():
        raise BeianError(
            "目录已存在，未覆盖。",
            place=Place(str(target)),
            hint="换一个 --id 或者 -o，或先移走它。",
        )
    mapping = mapping_of(decisions)
    files = {
        "document.yaml": _yaml(_document(proposal, about)),
        "mapping.yaml": _yaml(record(proposal, decisions)),
    }
    if proposal.ending == "docx":
        files["template.docx"] = apply(proposal, mapping)
        files["original.docx"] = proposal.raw
    else:
        files["form.xlsx"] = proposal.raw  # rendering fills a copy: it is the original, too
        files["fill.yaml"] = _yaml(cells(proposal, mapping))
    write_new_folder(target, files)
    return [target / name for name in sorted(files)]


def _document(proposal: Proposal, about: About) -> dict[str, Value]:
    """What document.yaml says; BeianError when the options leave something open."""
    known = proposal.library.documents
    old = _replaced(known, about)
    audience = about.audience or (old.audience if old else "authority")
    basis = list(about.basis) or (list(old.basis) if old else [])
    if not basis and audience != "internal":
        raise BeianError(
            "给主管部门或者公众的文书须写明依据。",
            hint="用 --replaces ID 沿用已有文书的依据，或者用 --basis 写明，例如 --basis 暂行办法:17。",
        )
    made: dict[str, Value] = {
        "title": proposal.title,
        "family": about.family or (old.family if old else "overview"),
        "output": _output(proposal.title, about, old, known),
        "audience": audience,
        "since": old.since if old else about.retrieved_on,
        "basis": basis,
        "signatures": list(old.signatures) if old else [],
        "official_form": about.official_form or (old.official_form if old else "portal"),
        "origin": {
            "source": f"采用的原表：{proposal.file}",
            "edition": f"sha256:{proposal.sha256}",
            "retrieved_on": about.retrieved_on,
            "confidence": "single",
        },
    }
    if old is not None and old.when is not None:
        made["when"] = old.when
    if old is not None and old.until is not None:
        made["until"] = old.until
    error = next(iter(proposal.library.house.validator("document").iter_errors(made)), None)
    if error is not None:
        raise BeianError(f"document.yaml 不合要求：{error.message}")
    return made


def _replaced(known: Mapping[str, Document], about: About) -> Document | None:
    if not _ID.match(about.id):
        raise BeianError(
            f"编号“{about.id}”不合写法。",
            hint="用小写英文字母、数字和连字符，例如 beijing-launch-form。",
        )
    if about.replaces and about.replaces not in known:
        raise BeianError(f"没有“{about.replaces}”这份文书。", hint=f"可写：{'、'.join(known)}。")
    if about.id in known and about.replaces != about.id:
        raise BeianError(
            f"编号“{about.id}”已是《{known[about.id].title}》。",
            hint=f"要替换它，加 --replaces {about.id}；否则换一个 --id。",
        )
    return known[about.replaces] if about.replaces else None


def _output(words: str, about: About, old: Document | None, known: Mapping[str, Document]) -> str:
    """A file name that no other document has."""
    if old is not None and old.id == about.id:
        return old.output
    name = _NOT_IN_FILE_NAMES.sub("", words)[:60] or about.id
    taken = {one.output for one in known.values() if one.id != about.id}
    return f"{name}（{about.id}）" if name in taken else name


def _yaml(value: Value) -> bytes:
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 100
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # untyped attribute
    stream = io.BytesIO()
    # Through JSON: tuples become lists, and nothing is written as an alias.
    writer.dump(json.loads(json.dumps(value)), stream)
    return stream.getvalue()


def as_text(proposal: Proposal, decisions: Iterable[Decision]) -> str:
    """The proposal as lines: number, state, place, label → fact."""
    lines = [f"《{proposal.title}》（{proposal.file}），{len(proposal.blanks)} 个空："]
    rows = [(one, _meaning(proposal.library, one)) for one in decisions]
    wide = max((_width(one.blank.place) for one, _ in rows), default=0)
    for one, meaning in rows:
        state = _padded(STATES[one.state], 6)
        place = _padded(one.blank.place, min(wide, 44))
        label = " ".join(one.blank.label.split()) or "（没有标签）"
        lines.append(f"{one.blank.number:>3}  {state}  {place}  {label} → {meaning}")
    return "\n".join(lines)


def _meaning(library: Library, one: Decision) -> str:
    if one.path is not None:
        return f"{title(library, one.path)}（{one.path}）"
    if one.state in ("signature", "left"):
        return "留空"
    shown = [one.blank.path] if one.blank.path else []
    listed = [f"{title(library, path)}（{path}）" for path in (*shown, *one.blank.alternatives)[:3]]
    if not listed:
        return "？"
    return "或".join(listed) + "？"


def _width(text: str) -> int:
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - _width(text), 0)


def states(decisions: Iterable[Decision]) -> dict[str, int]:
    """How many blanks are in each state."""
    counts = dict.fromkeys(STATES, 0)
    for one in decisions:
        counts[one.state] += 1
    return counts
