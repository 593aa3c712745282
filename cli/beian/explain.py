"""What a fact, rule, duty, conclusion, deadline, document, heading or article is, and who uses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from beian import clauses, english, paths, terms
from beian.clauses import Clause
from beian.compliance import verified
from beian.conditions import is_item
from beian.conditions import reads as condition_reads
from beian.deadlines import Deadline, Limit
from beian.documents import Document
from beian.due_report import FORCES
from beian.duties import Duty
from beian.errors import BeianError
from beian.library import Library
from beian.model import Level, Value
from beian.render.dispatch import Renderer
from beian.rules import Rule
from beian.terms import TermsRule
from beian.triggers import DOES

#: The Word file of a document as made for a matter, by the document's id; None when it has none.
Made = Callable[[str], bytes | None]
_CLAUSE, _TERMS_RULE = re.compile(r"[A-Z]{2}\d{2}\Z"), re.compile(r"LT\d+\Z")


def explain(
    reference: str, library: Library, lang: str = "zh", made: Made | None = None
) -> dict[str, Value]:
    """A record of what ``reference`` names; BeianError with near misses when nothing does.

    With ``lang`` en, facts and their choices are named in English beside the Chinese. ``made``
    gives the files of a matter, in which a clause is then found with its number.
    """
    name = reference.strip()
    if name in library.rules:
        return _rule(library.rules[name], library)
    if name in library.documents:
        return _document(name, library)
    for path, conclusion in library.conclusions.items():
        if name in (path, conclusion.id):
            return _conclusion(path, library)
    for deadline in library.deadlines.values():
        if name in (deadline.id, deadline.code):
            return _deadline(deadline, library)
    if name in library.duties:
        return _duty(library.duties[name], library)
    field = library.field(name) if _is_path(name) else None
    if field is not None:
        return _fact(paths.generic(name), library, lang)
    if _CLAUSE.match(name) and name in (catalogue := clauses.load(library.house)):
        return _clause(catalogue[name], library, made)
    for rule in terms.load(library.house).values() if _is_terms_rule(name) else ():
        if name in (rule.code, rule.id):
            return _terms_rule(rule, library)
    document, _, heading = name.replace("：", ":", 1).partition(":")
    if document in library.documents:
        return _heading(library.documents[document], heading.strip(), library)
    found = library.register.find(name)
    if found is not None:
        return _law(name, library)
    raise _unknown(name, library)


def as_text(record: dict[str, Value]) -> str:
    """The record as lines of ``名称  内容``."""
    lines = [record["heading"]]
    for key, value in record.items():
        if key in _WORDS and value not in (None, [], ""):
            shown = value if isinstance(value, list) else [value]
            lines.append(f"    {_WORDS[key]}  {shown[0]}")
            pad = "　" * len(_WORDS[key])
            lines += [f"    {pad}  {one}" for one in shown[1:]]
    return "\n".join(lines)


_WORDS = {
    "path": "路径",
    "title_en": "英文",
    "help": "说明",
    "answers": "可选",
    "none": "无时",
    "sensitive": "敏感",
    "portal": "系统",
    "nature": "性质",
    "bearer": "由谁",
    "control_point": "控制",
    "basis": "依据",
    "related": "另见",
    "practice": "实务",
    "versions": "版本",
    "level": "级别",
    "force": "效力",
    "when": "适用",
    "articles_carrying": "条文",
    "reads": "读取",
    "inputs": "来自",
    "documents": "文书",
    "rules": "检查",
    "conclusions": "结论",
    "deadlines": "期限",
    "event": "起算",
    "limits": "期限",
    "action": "办理",
    "papers": "材料",
    "duties": "义务",
    "triggers": "变更",
    "files": "文件",
    "form": "表格",
    "origin": "来源",
    "issuers": "发布",
    "number": "文号",
    "issued_on": "公布",
    "status": "状态",
    "successor": "后继",
    "gist": "要旨",
    "articles": "条文",
    "checked": "核对",
    "note": "备注",
}


def _is_terms_rule(name: str) -> bool:
    return _TERMS_RULE.match(name) is not None or re.match(r"[a-z]+(-[a-z]+)+\Z", name) is not None


def _is_path(name: str) -> bool:
    try:
        paths.parse(name.replace("[]", "[0]"))
    except ValueError:
        return False
    return True


def _fact(path: str, library: Library, lang: str) -> dict[str, Value]:
    field = library.field(path)
    assert field is not None
    title = field.title if lang == "zh" else f"{field.title_en}（{field.title}）"
    choices = field.choices_en if lang == "en" else {}
    words = field.description if lang == "zh" else english.in_words(field.description)
    return {
        "kind": "fact",
        "heading": f"{path}　{title}",
        "path": path,
        "title": field.title,
        "title_en": field.title_en,
        "help": None if path.startswith("derived.") else words,
        "answers": [
            f"{'null' if code is None else code}（{choices.get(code, name)}）"
            for code, name in (field.choices or {}).items()
        ],
        "none": field.null_text,
        "sensitive": {
            "identity": "个人身份信息，不进入公开文件",
            "contact": "个人联系方式，不进入公开文件",
        }.get(field.sensitive or ""),
        "portal": (
            f"{field.portal['label']}（{field.portal['source']}，{field.portal['as_of']}，待核对）"
            if field.portal
            else None
        ),
        "basis": list(_cited(field.basis, library)),
        "inputs": list(field.inputs),
        "documents": list(_documents_reading(path, library)),
        "rules": [
            f"{rule.id}　{rule.title}"
            for rule in library.rules.values()
            if path in set(rule.reads())
        ],
        "conclusions": [
            f"{one.path}　{one.title}"
            for one in library.conclusions.values()
            if any(
                path in set(condition_reads(case.when))
                for decision in one.decisions
                for case in decision.cases
            )
        ],
        "deadlines": [_named(one) for one in library.deadlines.values() if path in one.reads()],
        "duties": [*_duties_reading(path, library)],
        "triggers": [
            f"{DOES[one.does]}：{one.title}{'' if one.owed or one.does == 'nothing' else '（复核）'}"
            for one in library.triggers.values()
            if one.strikes(path)
        ],
    }


def _deadline(deadline: Deadline, library: Library) -> dict[str, Value]:
    limits = [limit for one in deadline.versions for limit in one.limits]
    return {
        "kind": "deadline",
        "heading": f"{deadline.id}　{deadline.title}"
        + (f"（{deadline.code}）" * bool(deadline.code)),
        "title": deadline.title,
        "title_en": deadline.title_en,
        "code": deadline.code,
        "event": [
            f"{path}　{library.schema.fields[path].title}"
            for path in (_whole(one, deadline) for one in deadline.starts)
        ],
        "limits": list(dict.fromkeys(_limit(one, deadline, library) for one in limits)),
        "action": list(dict.fromkeys(one.action for one in deadline.versions)),
        "documents": [
            f"{name}　《{library.documents[name].title}》" for name in deadline.documents
        ],
        "papers": list(deadline.papers),
        "basis": list(
            dict.fromkeys(cited for one in limits for cited in _cited(one.basis, library))
        ),
        "reads": list(dict.fromkeys(deadline.reads())),
        "versions": [_span(one.since, one.until) for one in deadline.versions],
        "files": [deadline.file],
    }


def _limit(limit: Limit, deadline: Deadline, library: Library) -> str:
    words = limit.words(deadline.event, deadline.kind, limit.length)
    if limit.fact:
        words = f"以“{library.schema.title(limit.fact)}”（{limit.fact}）为准"
    source = f"（{limit.source}）" if limit.source else ""
    mark = "" if limit.certain and limit.force != "practice" else " 待核对"
    return f"{FORCES[limit.force]}：{words}{source}{mark}"


def _whole(path: str, deadline: Deadline) -> str:
    return f"{deadline.each}[]{path[4:]}" if deadline.each and is_item(path) else path


def _named(deadline: Deadline) -> str:
    return f"{deadline.code or deadline.id}　{deadline.title}"


def _duties_reading(path: str, library: Library) -> Iterator[str]:
    for duty in library.duties.values():
        if any(read == path or read.startswith((f"{path}.", f"{path}[")) for read in library.reads_of(duty)):
            yield f"{duty.id}　{duty.title}"


def _documents_reading(path: str, library: Library) -> Iterator[str]:
    renderer = Renderer(library)
    for document in library.documents.values():
        sections: dict[str, None] = {}
        for read, spot in renderer.reads(document):
            if read.path == path or read.path.startswith((f"{path}.", f"{path}[")):
                sections[spot.section] = None
        named = [one for one in sections if one]
        if sections:
            yield f"{document.id}　《{document.title}》{'：' + '、'.join(named) if named else ''}"


def _clause(clause: Clause, library: Library, made: Made | None) -> dict[str, Value]:
    document = library.documents[clause.document]
    template, raw = document.formats["docx"], made(clause.document) if made is not None else None
    named = clauses.articles_of_template(template.read_bytes())
    headings = {article.heading for article in clauses.carried(clause, named)}
    if made is None:
        places = [f"《{document.title}》{one}" for one in clauses.carried(clause, named)]
        places.append("条号随所用的条款而定，加 --in MATTER 按一个项目的事实查看")
    else:
        found = clauses.carried(clause, clauses.articles(raw) if raw is not None else {})
        places = [f"《{document.title}》{one}" for one in found]
        places = places or [f"按该项目的事实，《{document.title}》中没有这一条"]
    reads = (
        read.path for read, spot in Renderer(library).reads(document) if spot.section in headings
    )
    forces = {
        "law": "法律、法规、规章或者强制性标准要求",
        "standard": "推荐性标准要求",
        "market": "同类文书的通行做法",
    }
    deciding = dict.fromkeys(condition_reads(clause.when))
    return {
        "kind": "clause",
        "heading": f"{clause.id}　{clause.title}",
        "title": clause.title,
        "force": forces[clause.force],
        "when": [f"{path}　{title}" for path, title in _titled(deciding, library)] or "一律适用",
        "articles_carrying": places,
        "basis": list(_cited(clause.basis, library)),
        "reads": [f"{path}　{title}" for path, title in _titled(dict.fromkeys(reads), library)],
        "files": [clause.file],
    }


def _titled(wanted: dict[str, None], library: Library) -> Iterator[tuple[str, str]]:
    for path in wanted:
        field = library.field(path)
        if field is not None:
            yield path, field.title


def _terms_rule(rule: TermsRule, library: Library) -> dict[str, Value]:
    return {
        "kind": "terms-rule",
        "heading": f"{rule.code}　{rule.title}（{rule.id}）",
        "title": rule.title,
        "level": Level.REVIEW.label,
        "versions": [
            f"{_span(one.since, one.until)}：{check.message}"
            for one in rule.versions
            for check in one.checks
        ],
        "basis": list(
            dict.fromkeys(cited for one in rule.versions for cited in _cited(one.basis, library))
        ),
        "practice": next((one.practice for one in rule.versions if one.practice), None),
        "files": [rule.file],
    }


def _rule(rule: Rule, library: Library) -> dict[str, Value]:
    return {
        "kind": "rule",
        "heading": f"{rule.id}　{rule.title}",
        "title": rule.title,
        "level": rule.level.label,
        "versions": [f"{_span(one.since, one.until)}：{one.message}" for one in rule.versions],
        "basis": list(
            dict.fromkeys(cited for one in rule.versions for cited in _cited(one.basis, library))
        ),
        "practice": next((one.practice for one in rule.versions if one.practice), None),
        "reads": list(dict.fromkeys(rule.reads())),
        "files": [rule.file],
    }


def _document(name: str, library: Library) -> dict[str, Value]:
    document = library.documents[name]
    forms = {
        "portal": "以备案系统下载的模板为准",
        "province": "以省级网信部门的表格为准",
        "none": "没有官方表格",
    }
    origin = document.origin
    return {
        "kind": "document",
        "heading": f"{name}　《{document.title}》",
        "title": document.title,
        "basis": list(_cited(document.basis, library)),
        "form": forms[document.official_form],
        "origin": f"{origin['source']}（{origin['edition']}，{origin['retrieved_on']} 取得）",
        "files": [f"{document.output}.{ending}" for ending in document.formats]
        or ["本版工具尚不生成"],
        "reads": list(dict.fromkeys(read.path for read, _ in Renderer(library).reads(document))),
        "versions": [_span(document.since, document.until)],
    }


def _duty(duty: Duty, library: Library) -> dict[str, Value]:
    natures = library.dossier_schema.fields["dossier.duties[].nature"].choices or {}
    point = library.control_points.get(duty.control_point or "")
    return {
        "kind": "duty",
        "heading": f"{duty.id}　{duty.title}",
        "title": duty.title,
        "gist": duty.gist,
        "nature": natures[duty.nature] + (f"（{duty.event}时）" if duty.event else ""),
        "bearer": duty.bearer,
        "control_point": f"{point.group}：{point.title}" if point else None,
        "versions": [_span(duty.since, duty.until)],
        "basis": list(_cited(duty.basis, library)),
        "related": list(_cited(duty.related, library)),
        "practice": duty.practice,
        "checked": None if verified(duty, library.register) else "待核对",
        "reads": list(dict.fromkeys(duty.reads())),
        "documents": [
            f"{one.document}　《{library.documents[one.document].title}》"
            + (f"：{one.heading}" if one.heading else "")
            for one in duty.carriers
        ],
        "deadlines": [_named(library.deadlines[name]) for name in duty.deadlines],
        "files": [duty.file],
        "note": duty.note,
    }


def _conclusion(path: str, library: Library) -> dict[str, Value]:
    conclusion = library.conclusions[path]
    cases = [case for decision in conclusion.decisions for case in decision.cases]
    return {
        "kind": "conclusion",
        "heading": f"{path}　{conclusion.title}",
        "title": conclusion.title,
        "path": path,
        "versions": [_span(one.since, one.until) for one in conclusion.decisions],
        "answers": [
            f"{'存疑' if case.open else ('是' if case.value else '否')}：{case.because}"
            for case in cases
        ],
        "basis": list(
            dict.fromkeys(cited for case in cases for cited in _cited(case.basis, library))
        ),
        "reads": list(dict.fromkeys(read for case in cases for read in condition_reads(case.when))),
        "documents": [
            f"{one.id}　《{one.title}》"
            for one in library.documents.values()
            if path in set(condition_reads(one.when))
        ],
        "duties": [*_duties_reading(path, library)],
        "rules": [
            f"{rule.id}　{rule.title}"
            for rule in library.rules.values()
            if path in set(rule.reads())
        ],
    }


def _law(name: str, library: Library) -> dict[str, Value]:
    found = library.register.find(name)
    assert found is not None
    instrument, article = found
    status = {
        "in-force": "现行",
        "draft": "征求意见稿，不产生义务",
        "planned": "立法计划，没有文本，不产生义务",
        "superseded": "已失效",
        "policy": "政策文件",
    }[instrument.status]
    span = _span(instrument.since, instrument.until)
    reference = f"{instrument.id}:{article.article}" if article else instrument.id
    return {
        "kind": "article" if article else "instrument",
        "heading": f"{reference}　《{instrument.title}》{article.label if article else ''}",
        "title": instrument.title,
        "issuers": "、".join(instrument.issuers),
        "number": instrument.number,
        "issued_on": instrument.issued_on,
        "status": f"{status}，{span}",
        "successor": (
            f"{instrument.successor}　《{library.register.instruments[instrument.successor].title}》"
            if instrument.successor
            else None
        ),
        "gist": article.gist if article else instrument.horizon,
        "checked": _checked(reference, library),
        "origin": instrument.source,
        "articles": []
        if article
        else [f"{one.label}　{one.gist}" for one in instrument.articles.values()],
        "rules": [
            f"{rule.id}　{rule.title}"
            for rule in library.rules.values()
            if any(_cites(reference, one.basis) for one in rule.versions)
        ],
        "conclusions": [
            f"{one.path}　{one.title}"
            for one in library.conclusions.values()
            if any(_cites(reference, case.basis) for part in one.decisions for case in part.cases)
        ],
        "documents": list(_documents_citing(reference, library)),
        "deadlines": [
            _named(one)
            for one in library.deadlines.values()
            if any(
                _cites(reference, limit.basis)
                for version in one.versions
                for limit in version.limits
            )
        ],
        "duties": [
            f"{one.id}　{one.title}"
            for one in library.duties.values()
            if _cites(reference, one.basis + one.related)
        ],
    }


def _documents_citing(reference: str, library: Library) -> Iterator[str]:
    """Documents that rest on a provision, print it, or carry a duty that rests on it; with the
    headings where."""
    renderer = Renderer(library)
    resting = [one for one in library.duties.values() if _cites(reference, one.basis + one.related)]
    worded = [(one, heading) for one, heading in _clause_headings(library)
              if _cites(reference, one.basis)]
    for one in library.documents.values():
        where = [spot.section for cited, spot in renderer.cites(one)
                 if _cites(reference, (cited.reference,))]
        where += [part.heading or "" for duty in resting for part in duty.carriers
                  if part.document == one.id]
        where += [heading for clause, heading in worded if clause.document == one.id]
        sections = "；".join(dict.fromkeys(filter(None, where)))
        if where or _cites(reference, one.basis):
            yield f"{one.id}　《{one.title}》" + (f"：{sections}" if sections else "")


def _clause_headings(library: Library) -> Iterator[tuple[Clause, str]]:
    """Each clause with each heading that carries it."""
    named: dict[str, dict[str, clauses.Article]] = {}
    for one in clauses.load(library.house).values():
        if one.document not in named:
            file = library.documents[one.document].formats["docx"]
            named[one.document] = clauses.articles_of_template(file.read_bytes())
        yield from ((one, article.heading) for article in clauses.carried(one, named[one.document]))


def _heading(document: Document, heading: str, library: Library) -> dict[str, Value]:
    """What stands under a heading of a document: the duties and clauses it carries, the provisions
    behind them, behind the facts that it reads, and those that it prints."""
    renderer = Renderer(library)
    read = [one.path for one, spot in renderer.reads(document) if spot.section == heading]
    printed = [one.reference for one, spot in renderer.cites(document) if spot.section == heading]
    duties = [
        one
        for one in library.duties.values()
        if any((part.document, part.heading) == (document.id, heading) for part in one.carriers)
    ]
    worded = [
        one
        for one, place in _clause_headings(library)
        if (one.document, place) == (document.id, heading)
    ]
    if not (read or printed or duties):
        raise _no_heading(document, heading, library)
    facts = [field for path in dict.fromkeys(read) if (field := library.field(path)) is not None]
    behind = (
        *printed,
        *(ref for one in duties for ref in one.basis + one.related),
        *(ref for one in worded for ref in one.basis),
    )
    return {
        "kind": "heading",
        "heading": f"《{document.title}》“{heading}”",
        "title": heading,
        "duties": [f"{one.id}　{one.title}" for one in duties]
        + [f"{one.id}　{one.title}" for one in worded],
        "basis": list(_cited(tuple(dict.fromkeys(behind)), library)),
        "related": [
            one
            for one in _cited(tuple(dict.fromkeys(r for f in facts for r in f.basis)), library)
            if one not in set(_cited(behind, library))
        ],
        "reads": list(dict.fromkeys(read)),
    }


def _no_heading(document: Document, heading: str, library: Library) -> BeianError:
    import difflib

    renderer = Renderer(library)
    known = dict.fromkeys(spot.section for _, spot in renderer.reads(document) if spot.section)
    close = difflib.get_close_matches(heading, known, n=3, cutoff=0.3) or [*known][:6]
    hint = f"有这些标题：{'、'.join(close)}。" if close else "这份文书没有带标题的内容。"
    return BeianError(f"《{document.title}》中没有读取事实或者承载义务的标题“{heading}”。", hint=hint)


def _checked(reference: str, library: Library) -> str:
    citation = library.register.cite(reference)
    if not citation.certain:
        return "待核对：未核对官方原文，或者只有单一来源"
    return "已核对全文" if citation.checked == "text-read" else "已核对节录，未核对全文"


def _span(since: str | None, until: str | None) -> str:
    if since is None:
        return "施行日期未定"
    return f"{since} 起" if until is None else f"{since} 至 {until}"


def _cites(reference: str, basis: tuple[str, ...]) -> bool:
    return any(
        one == reference or (":" not in reference and one.startswith(f"{reference}:"))
        for one in basis
    )


def _cited(basis: tuple[str, ...], library: Library) -> Iterator[str]:
    for one in basis:
        yield str(library.register.cite(one))


def _unknown(name: str, library: Library) -> BeianError:
    import difflib

    known = [
        *library.schema.fields,
        *library.derived_schema.fields,
        *library.rules,
        *library.duties,
        *library.documents,
        *library.deadlines,
        *library.register.instruments,
    ]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = (
        f"是否想查：{'、'.join(close)}？"
        if close
        else "可以写事实的路径、规则编号、文书编号、条款编号（AG14）、期限编号（DL01），"
        "“暂行办法:17”这样的条文，"
        "或者“user-agreement:费用”这样的标题。"
    )
    return BeianError(f"没有“{name}”。", hint=hint)
