"""The house: override folders, one direction of imports, light start, the wheel, true documents."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from beian import pipeline, resources
from beian.commands import COMMANDS
from beian.errors import BeianError
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES, Ran

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OWN_RULE = """\
- id: house-version-style
  title: 版本写法
  level: review
  versions:
    - since: 2020-01-01
      must: {service.version: {type: string, pattern: '^v'}}
      basis: []
      practice: 本所惯例
      message: 版本 {value} 应以 v 开头。
"""

# --- growth is a new file ------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An override folder with one new document (Word and Excel) and one new rule."""
    folder = tmp_path / "house"
    document = folder / "templates" / "cover-letter"
    document.mkdir(parents=True)
    (document / "document.yaml").write_text(
        "title: 报送函\nfamily: algorithm-filing\noutput: 报送函\naudience: authority\n"
        "when: {derived.scope.algorithm_filing: true}\nsince: 2022-03-01\n"
        "basis: [\"algorithm-recommendation:24\"]\n"
        "signatures: []\nofficial_form: none\n"
        "origin: {source: 本所, edition: 一, retrieved_on: 2026-11-20, confidence: official}\n",
        "utf-8")
    letter = docx.Document()
    letter.add_paragraph("{{ subject.name }}报送《{{ algorithm.name }}》备案材料。")
    letter.save(str(document / "template.docx"))
    (document / "workbook.yaml").write_text(
        "sheets:\n  - name: 报送\n    widths: [20, 40]\n    fields:\n"
        '      - [主体, "{{ subject.name }}"]\n', "utf-8")
    rules = folder / "schemas" / "rules"
    rules.mkdir(parents=True)
    (rules / "own.yaml").write_text(OWN_RULE, "utf-8")
    return folder


def test_a_new_document_and_rule_work_without_python(
    house: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--house", str(house))
    assert ran.code == 0, ran.err
    assert "复核  版本 V1.0 应以 v 开头。" in ran.out
    assert "本所惯例（备案实务，待核对）" in ran.out
    text = docx.Document(str(tmp_path / "out" / "submission" / "报送函.docx")).paragraphs[0].text
    assert text == "北京示例云笺科技有限公司报送《云笺智能对话生成合成算法》备案材料。"
    assert (tmp_path / "out" / "submission" / "报送函.xlsx").exists()


def test_an_override_by_environment_and_by_id(
    house: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    own = house / "templates" / "algorithm-publication"
    own.mkdir()
    shipped = ROOT / "templates" / "algorithm-publication"
    (own / "document.yaml").write_bytes((shipped / "document.yaml").read_bytes())
    page = docx.Document()
    page.add_paragraph("本所版式：{{ algorithm.name }}")
    page.save(str(own / "template.docx"))
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                BEIAN_HOUSE=str(house))
    assert ran.code == 0, ran.err
    text = docx.Document(str(tmp_path / "out" / "submission" / "拟公示内容.docx")).paragraphs[0].text
    assert text == "本所版式：云笺智能对话生成合成算法"


def test_a_fault_in_a_house_template_is_said_with_its_place(
    house: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    page = docx.Document()
    page.add_paragraph("第一段")
    page.add_paragraph("主体：{{ subject.nam }}")
    page.save(str(house / "templates" / "cover-letter" / "template.docx"))
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--house", str(house))
    assert ran.code == 2
    assert "正文第2段“主体：{{ subject.nam }}”" in ran.err
    assert "没有“subject.nam”这个事实" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "audience", "words"),
    [
        ("{{ subject.contact.mobile }}", "public", "是个人信息，不能出现在公开文件中"),
        ("{{ subject.algorithm_security_lead.id_number }}", "public", "是个人信息"),
        ('{{ "tc260-003:7 f) 1)"|cite }}', "authority", "尚待核对，不能作为引用"),
        ('{{ "nolaw:1"|cite }}', "internal", "法规库中没有“nolaw:1”"),
        ("{{ subject.name|percent }}", "internal", "不能这样用"),
        ("{{ products|join }}", "internal", "不能这样用"),
        ("{% if audience.minimum_age > 'a' %}甲{% endif %}", "internal", "不能这样用"),
        ("甲{% raw %}{{ x }}{% endraw %}", "internal", "不能使用{% raw %}"),
    ],
)
def test_what_a_house_template_may_not_print(
    text: str, audience: str, words: str, house: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    folder = house / "templates" / "cover-letter"
    letter = docx.Document()
    letter.add_paragraph(text)
    letter.save(str(folder / "template.docx"))
    described = (folder / "document.yaml").read_text("utf-8")
    (folder / "document.yaml").write_text(
        described.replace("audience: authority", f"audience: {audience}"), "utf-8")
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--house", str(house))
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert not (tmp_path / "out").exists()


def test_tracked_changes_and_comments_in_a_template_are_refused(
    house: Path, beian: Callable[..., Ran]
) -> None:
    file = house / "templates" / "cover-letter" / "template.docx"
    letter = docx.Document(str(file))
    [run] = letter.paragraphs[0].runs
    inserted = letter.element.makeelement(f"{W}ins", {f"{W}id": "1", f"{W}author": "张律师"})
    run._r.addprevious(inserted)
    inserted.append(run._r)
    letter.save(str(file))
    ran = beian("check", str(SAMPLES / "chat-assistant"), "--as-of", AS_OF, "--house", str(house))
    assert (ran.code, "含有修订痕迹或者批注" in ran.err) == (2, True)


def test_two_documents_may_not_write_one_file(house: Path) -> None:
    file = house / "templates" / "cover-letter" / "document.yaml"
    file.write_text(file.read_text("utf-8").replace("output: 报送函", "output: 拟公示内容"), "utf-8")
    with pytest.raises(BeianError, match="输出文件名相同"):
        Library.open((house,))


def test_a_folder_that_holds_nothing_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    with pytest.raises(BeianError, match="没有 templates/ 或 schemas/"):
        Library.open((tmp_path,))


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("schemas/rules/own.yaml", "- id: x\n  title: [\n", "own.yaml:3:1"),
        ("schemas/rules/own.yaml", "- id: x\n", "own.yaml"),
        ("templates/cover-letter/document.yaml", "title: 甲\n", "document.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("service.version", "service.verison"), "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("review", "urgent"), "own.yaml:3:10"),
        ("schemas/rules/own.yaml", OWN_RULE + OWN_RULE, "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("2020-01-01", "2020-13-01"), "own.yaml:5:14"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("'^v'", "'(['"), "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("{value}", "{foo.bar}"), "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("service.version", "item.version"), "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("service.version", "derived.scope"), "own.yaml"),
        ("schemas/rules/own.yaml", OWN_RULE.replace("pattern: '^v'", "format: nope"), "own.yaml"),
    ],
)
def test_a_broken_house_file_is_said_with_its_place(
    file: str, text: str, words: str, house: Path
) -> None:
    (house / file).write_text(text, "utf-8")
    with pytest.raises(BeianError) as error:
        Library.open((house,))
    assert words in str(error.value.place)


# --- the data that is read is the data that people edit -------------------------------------------

def test_the_bundle_equals_the_files() -> None:
    assert (ROOT / resources.BUNDLE).read_bytes() == resources.make_bundle(), "run make bundle"


def test_a_file_newer_than_the_bundle_is_read_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import shutil

    for part in ("schemas", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    edited = tmp_path / "schemas" / "rules" / "wording.yaml"
    edited.write_text(edited.read_text("utf-8").replace("title: 算法名称的结尾", "title: 改过的标题"), "utf-8")
    monkeypatch.setattr(resources, "shipped", lambda: tmp_path)
    resources._bundle.cache_clear()
    try:
        assert Library.open().rules["algorithm-name-ending"].title == "改过的标题"
    finally:
        resources._bundle.cache_clear()


# --- a newcomer knows the rooms -------------------------------------------------------------------

#: A module imports only from modules that stand before it.
ORDER = [
    "model", "errors", "shelf", "ooxml", "calendar", "paths", "yamltext", "formats", "shapes",
    "resources", "english", "annexes.normalise", "annexes.problems", "annexes.kinds", "annexes.tables", "annexes.classes",
    "annexes.values", "annexes.columns", "annexes.rows", "annexes.counts", "annexes.reading",
    "annexes.counting", "annexes", "schema", "view", "printing", "facts", "snapshots", "pair",
    "conditions", "laws", "rules", "flow",
    "counting", "requirements", "derive", "documents", "duties", "deadlines", "triggers", "library",
    "due", "changes", "due_report",
    "calendar_file", "labels", "formgrid", "wordform", "bookform", "dossier", "advice",
    "compliance", "annexes.bounds", "annexes.shown", "render.numbering", "render.shapes",
    "render.flowchart", "render.barchart", "render.layout", "render.compiled",
    "render.kept", "render.seal", "render.wordsource", "render.word", "render.html",
    "render.portalform", "render.excel", "render.form", "render.dispatch", "lint.report",
    "lint.tags", "lint.judge", "lint.blocks", "lint.elements", "lint.part", "lint.fonts",
    "lint.package", "lint.pages", "lint", "terms.text", "terms.rules", "terms.judge", "terms",
    "clauses", "needs", "determinations", "pipeline", "interview.question",
    "interview.next_question", "interview.lint", "interview", "intake.marks", "intake.layout",
    "intake.cells", "intake.answers", "intake.stamp", "intake.asked", "intake.words",
    "intake.looks", "intake.allowed", "intake.draw", "intake.export", "intake.package",
    "intake.read", "intake.merge", "intake.table", "intake.report", "intake", "manifest", "proofs",
    "annexes.examination", "annexes.books", "annexes.charts", "annexes.papers", "assembly", "difference",
    "adopt", "eject", "report", "explain", "scope", "interview.words",
    "interview.screen", "interview.store", "interview.pages", "interview.answer", "interview.state",
    "interview.saving", "interview.workbook", "interview.course", "interview.screens",
    "interview.session", "interview.editor",
    "interview.plain", "interview.prompts", "annexes.report", "commands.options", "commands.annex",
    "commands.new", "commands.ask", "commands.check", "commands.build", "commands.diff", "commands.due",
    "commands.explain", "commands.intake", "commands.scope", "commands.schema",
    "commands.lint_terms", "commands.templates", "commands.templates_adopt",
    "commands.templates_eject", "commands",
]


def test_modules_import_only_what_stands_before_them() -> None:
    package = ROOT / "cli" / "beian"
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package).with_suffix("").as_posix().replace("/", ".")
        name = name.removesuffix(".__init__")
        if name in ("__init__", "__main__", "render"):
            continue
        assert name in ORDER, f"{name} has no place in the order"
        for other in imported(file):
            assert ORDER.index(other) < ORDER.index(name), f"{name} imports {other}"


def imported(file: Path) -> set[str]:
    """The modules of beian imported at run time, also inside functions (not for types only)."""
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("beian"):
            base = (node.module or "").removeprefix("beian").strip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".strip(".")
                found.add(inner if inner in ORDER else base)
    return found - {""}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("--help",), {"jinja2", "lxml", "openpyxl", "docx", "docxtpl", "jsonschema", "ruamel",
                       "rich", "stdnum"}),
        (("check", str(SAMPLES / "chat-assistant"), "--as-of", AS_OF),
         {"docx", "docxtpl", "openpyxl", "rich"}),
    ],
)
def test_a_command_loads_only_what_it_uses(
    arguments: tuple[str, ...], heavy: set[str], tmp_path: Path
) -> None:
    code = ("import sys\nfrom beian.commands import main\n"
            f"sys.argv = ['beian', *{list(arguments)!r}]\n"
            "try:\n    main()\nfinally:\n    print('LOADED', *sys.modules, file=sys.stderr)\n")
    for _ in range(2):  # the second time templates come from the cache
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              env={**os.environ, "BEIAN_CACHE": str(tmp_path)})
    loaded = set(done.stderr.rpartition("LOADED")[2].split())
    assert "typer" in loaded
    assert not heavy & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_its_exit_codes(name: str, beian: Callable[..., Ran]) -> None:
    ran = beian(name, "--help")
    assert ran.code == 0
    listed = re.findall(r"^  ([a-z-]+)  ", ran.out.partition("Commands:")[2], re.MULTILINE)
    for command in [[name, one] for one in listed] or [[name]]:
        assert "退出码：0" in beian(*command, "--help").out, command


def test_progress_is_only_for_terminals(beian: Callable[..., Ran]) -> None:
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF)
    assert ran.err == ""
    assert "\x1b" not in ran.out


# --- an installed beian --------------------------------------------------------------------------

def test_the_wheel_works_from_an_empty_folder(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
                   cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert not [name for name in names if name.startswith(("workshop", "tests"))]
    assert "beian/py.typed" in names
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PYTHONNOUSERSITE": "1"}
    program = [sys.executable, "-P", "-c",
               "import beian, sys; assert 'installed' in beian.__file__, beian.__file__; "
               "from beian.commands import main; main()"]
    for arguments in (["new", "matter", "--from", "chat-assistant"],
                      ["build", "matter", "-o", "out", "--as-of", AS_OF]):
        done = subprocess.run([*program, *arguments], cwd=empty, env=environment,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    made = {one.name for one in (empty / "out").rglob("*") if one.is_file()}
    assert {"拟公示内容.docx", "用户服务协议.docx", "材料清单与签章表.xlsx", "manifest.json"} <= made


# --- documents are true --------------------------------------------------------------------------

READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", READMES)
def test_the_commands_of_the_readme_work(
    name: str, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    text = (ROOT / name).read_text("utf-8")
    commands = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
    makes = [one for one in commands if one.startswith("make ")]
    assert makes == ["make demo", "make test"]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {"demo", "test", "bench", "templates"} <= set(targets)
    for command in commands:
        if command.startswith("beian "):
            ran = beian(*shlex.split(command)[1:])
            assert ran.code == 0, (command, ran)
    assert (tmp_path / "dossier" / "submission").is_dir()


def test_the_python_example_of_the_readme_works(monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(code, names)
    assert isinstance(names["result"], pipeline.Examination)
    assert "submission/拟公示内容.docx" in getattr(names["dossier"], "files", {})


@pytest.mark.parametrize("name", READMES)
def test_the_list_of_documents_in_the_readme_is_current(name: str, library: Library) -> None:
    file = ROOT / name
    text = file.read_text("utf-8")
    listed = document_table(library, chinese=name.endswith("zh-CN.md"))
    wanted = re.sub(r"(<!-- documents -->\n).*?(<!-- /documents -->)",
                    lambda found: found[1] + listed + found[2], text, flags=re.DOTALL)
    if os.environ.get("BEIAN_FIX"):
        file.write_text(wanted, "utf-8")
        text = wanted
    assert text == wanted


def document_table(library: Library, *, chinese: bool) -> str:
    audiences = {"authority": ("the authority", "主管部门"), "public": ("the public", "公众"),
                 "internal": ("internal", "内部")}
    kinds = {"docx": "Word", "xlsx": "Excel", "html": "HTML"}
    rows = ["| 文书 | 编号 | 格式 | 对象 |" if chinese else "| document | id | formats | for |",
            "| --- | --- | --- | --- |"]
    for one in sorted(library.documents.values(), key=lambda one: one.id):
        if one.formats:
            formats = ", ".join(kinds[ending] for ending in one.formats)
            rows.append(f"| 《{one.title}》 | `{one.id}` | {formats} | "
                        f"{audiences[one.audience][chinese]} |")
    return "\n".join(rows) + "\n"


def test_explain_names_articles_rules_documents_and_facts(beian: Callable[..., Ran]) -> None:
    for reference, words in {
        "暂行办法:10": "第十条", "interim-measures:10": "第十条", "暂行办法:第十条": "第十条",
        "gbt-45654": "《", "subject.name": "主体名称", "products[].icp_number": "ICP",
        "products[0].icp_number": "ICP", "algorithm-name-length": "8 至 18 字",
        "service-disclosure": "适用人群", "derived.scope.measures": "存疑",
        "measures-apply": "存疑", "derived.characters.principle": "字数",
    }.items():
        ran = beian("explain", reference)
        assert ran.code == 0, (reference, ran.err)
        assert words in ran.out, reference
        assert json.loads(beian("explain", reference, "--json").out)["heading"]


def test_explain_shows_what_is_not_verified(beian: Callable[..., Ran]) -> None:
    assert "待核对" in beian("explain", "tc260-003:7 a)").out
    assert "待核对" not in beian("explain", "暂行办法:10").out
