"""Assembles the dossier: renders every document and writes the folder, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from beian import advice, changes, compliance, dossier, due, manifest, proofs
from beian import facts as facts_file
from beian.annexes import shown
from beian.documents import Document
from beian.due import Due
from beian.errors import BeianError
from beian.model import Place, Value, Verdict
from beian.pipeline import Examination
from beian.printing import in_message
from beian.render.dispatch import Renderer
from beian.view import Fact

Progress = Callable[[str], None]


@dataclass(slots=True)
class Dossier:
    """A finished dossier: the files by their path, and the document each belongs to."""

    examination: Examination
    draft: bool
    files: dict[str, bytes] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)


def build(
    result: Examination,
    *,
    draft: bool = False,
    only: tuple[str, ...] = (),
    progress: Progress = lambda _: None,
) -> Dossier:
    """Renders the planned documents.

    A final dossier wants an examination in which nothing stops; a draft renders whatever is not
    excluded, with marks. BeianError when ``only`` names an unknown document.
    """
    made = Dossier(result, draft)
    renderer = Renderer(result.library)
    chosen = _chosen(result, only)
    files: dict[str, list[str]] = {}
    for entry in chosen:
        document, first = entry.document, _folders(entry.document, draft)[0]
        endings = [*document.formats, *(["ics"] if document.calendar else [])]
        files[document.id] = [
            f"{first}/{name}.{one}" for name, _ in _filings(result, document) for one in endings
        ]
    on_calendar = any(one.document.calendar for one in chosen)
    counted = on_calendar or _read(chosen, renderer, "dossier.duties[].deadlines")
    dues = due.due(result.library, result.view, result.as_of) if counted else []
    calendar = _calendar(result, dues) if on_calendar else None
    proven = _read(chosen, renderer, "dossier.proofs")
    listed = _listed(result, chosen, draft)
    files |= {name: [] for name, content in listed.items() if content is None}
    further = {
        "calendar": calendar.value if calendar else None,
        "proofs": proofs.as_value(result.view, result.facts.attachment) if proven else None,
        "advice": advice.advise(result.library, result.view, result.derived, result.as_of),
        "lists": shown.as_value(result.library.rules.values(), result.view, result.as_of),
    }
    further |= compliance.as_value(
        result.duties, result.entries, result.library, result.as_of, dues
    )
    value = dossier.as_value(result.entries, files, result.view, result.as_of, further)
    for entry in chosen:
        document = entry.document
        progress(f"生成《{document.title}》")
        if document.annexes:
            content = listed[document.id]
            if content is not None:
                path = files[document.id][0]
                made.files[path], made.owners[path] = content, document.id
            continue
        for name, filing in _filings(result, document):
            told = changes.as_value(filing.compared, filing.view, result.library.schema)
            for ending in document.formats:
                for folder in _folders(document, draft):
                    one = renderer.make(
                        document,
                        ending,
                        filing.view,
                        {**value, "changes": told},
                        controls=folder == "working",
                        draft=draft,
                        picture=result.facts.attachment,
                    )
                    path = f"{folder}/{name}.{ending}"
                    made.files[path], made.owners[path] = one.content, document.id
        if calendar is not None and document.calendar:
            path = files[document.id][-1]
            made.files[path], made.owners[path] = calendar.file, document.id
    made.files["internal/facts.json"] = facts_file.as_json(result.facts.value)
    made.files[manifest.NAME] = manifest.make(result, made.files, made.owners, draft)
    return made


def _filings(result: Examination, document: Document) -> list[tuple[str, Examination]]:
    """The file name and the facts of each filing that has the document: two where a capability is
    filed in both roles, the paper belongs to one filing, and the second owes it as well.

    They are told apart by their roles; by their order while the facts do not state two roles.
    """
    if result.second is None or not document.per_filing:
        return [(document.output, result)]
    nodes = [one.view.read("algorithm.role") for one in (result, result.second)]
    roles = [in_message(node, None) for node in nodes if isinstance(node, Fact)]
    names = roles if len(set(roles)) == len(nodes) else ["第1件", "第2件"]
    owed = {one.document.id for one in result.second.entries if one.verdict is not Verdict.FAILS}
    filings = [result, result.second] if document.id in owed else [result]
    return [
        (f"{document.output}（{name}）", one)
        for name, one in zip(names, filings, strict=False)  # the second may not owe it
    ]


def _read(chosen: list[dossier.Entry], renderer: Renderer, path: str) -> bool:
    """Whether a chosen paper reads what begins with this path."""
    return any(
        read.path.startswith(path)
        for entry in chosen
        for read, _ in renderer.reads(entry.document)
    )


def _listed(
    result: Examination, chosen: list[dossier.Entry], draft: bool
) -> dict[str, bytes | None]:
    """The papers made of the client's lists by document; None for a final one without its lists.

    The lists are read once for all of them.
    """
    made_of_lists = [entry.document for entry in chosen if entry.document.annexes]
    if not made_of_lists:
        return {}
    from beian.annexes import examination, papers
    from beian.annexes.reading import Source

    node = result.view.read("annexes")
    stated = node.value if isinstance(node, Fact) else None
    kinds = result.library.catalogue.kinds
    sources = [
        Source(one["file"], raw, one["kind"] if one["kind"] in kinds else None)
        for one in stated or ()
        if {"file", "kind"} <= one.keys() and (raw := result.facts.attachment(one["file"])) is not None
    ]
    read = None
    if sources:
        read = examination.examine(sources, result.library, result.as_of, keep=True)
    return {
        one.id: papers.paper(one.annexes, read, result.library.catalogue, draft=draft)
        for one in made_of_lists
    }


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The deadlines, as papers read them and as a calendar file."""

    value: Value
    file: bytes


def _calendar(result: Examination, dues: list[Due]) -> _Calendar:
    from beian import calendar_file, due_report

    library, view, as_of = result.library, result.view, result.as_of
    return _Calendar(
        due_report.as_value(dues, library, view, as_of),
        calendar_file.make(dues, library, view, as_of),
    )


def write(made: Dossier, out: Path, *, replace: bool = False) -> None:
    """Writes a dossier at once; refuses to replace anything but an untouched dossier.

    OSError is for the caller to word; an interruption leaves what was there before.
    """
    out = out.resolve()
    _refuse_foreign(out, replace)
    out.parent.mkdir(parents=True, exist_ok=True)
    mark = f".{out.name[:80]}.{os.getpid()}"
    draft, old = out.with_name(f"{mark}.tmp"), out.with_name(f"{mark}.old")
    try:
        for path, content in made.files.items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            mode = 0o600 if path.startswith("internal/") else 0o644
            with os.fdopen(
                os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb"
            ) as stream:
                stream.write(content)
        if out.exists() and not any(out.iterdir()):
            for part in draft.iterdir():  # an empty folder may be a mount point: fill it
                part.rename(out / part.name)
            return
        if out.exists():
            out.rename(old)
        draft.rename(out)
    except BaseException:
        if old.exists() and not out.exists():
            old.rename(out)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)


def _chosen(result: Examination, only: tuple[str, ...]) -> list[dossier.Entry]:
    known = {entry.document.id: entry for entry in result.entries}
    for name in only:
        if name not in known:
            raise BeianError(f"没有“{name}”这份文书。", hint=f"可写：{'、'.join(known)}。")
        if known[name].verdict is Verdict.FAILS:
            raise BeianError(
                f"《{known[name].document.title}》不需要：{known[name].because}",
                hint="去掉 --only，或者核对相关事实。",
            )
    return [
        entry
        for entry in result.entries
        if entry.verdict is not Verdict.FAILS and (not only or entry.document.id in only)
    ]


def _folders(document: Document, draft: bool) -> list[str]:
    if document.audience == "internal":
        return ["internal"]
    return ["working"] if draft else ["submission", "working"]


def _refuse_foreign(out: Path, replace: bool) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise BeianError(
            "输出位置是一个文件，不是目录。", place=Place(str(out)), hint="换一个输出目录。"
        )
    if not any(out.iterdir()):
        return
    changed = manifest.changed_since(out)
    if changed is None:
        raise BeianError(
            "输出目录不是空的，也不是 beian 生成的目录，未写入。",
            place=Place(str(out)),
            hint="换一个新的输出目录。",
        )
    if changed and not replace:
        listed = "、".join(changed[:3]) + (" 等" if len(changed) > 3 else "")
        raise BeianError(
            f"输出目录中有生成之后改动或者新增的文件：{listed}，未覆盖。",
            place=Place(str(out)),
            hint="换一个输出目录；确认不要这些改动的，加 --replace。",
        )


def write_new_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Writes a folder that does not exist yet, with the given files or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.mkdir(parents=True)
        for name, body in files.items():
            (draft / name).write_bytes(body)
        draft.rename(target)
    except OSError as error:
        raise BeianError(
            f"无法写入：{error.strerror or error}。",
            place=Place(str(target)),
            hint="检查目录权限。",
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
