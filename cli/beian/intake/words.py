"""What the workbook itself says, in Chinese and in English; questions and help are the schema's."""

from __future__ import annotations

import re
from typing import Any

from beian import english
from beian.intake import cells
from beian.schema import Field

#: Stands beside a question whose answer is needed now.
NEEDED = "●"

WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "guide": "填写说明",
        "heading": "备案事实采集表",
        "captions": (NEEDED, "问题", "答案", "说明"),
        "needed": f"{NEEDED} 和黄色格：现在就需要的答案，共 {{count}} 项（答完之后可能还有）。",
        "rules": (
            "只有带框的格可以填写，其余已锁定；没有设密码。点到格上会显示怎样填。",
            f"留空表示尚未回答。确实没有或者不适用的，选 {cells.NONE}；"
            "没有这个选项的题不能答“无”。蓝色格只用来表示整张表或者整组选项一项也没有。",
            "日期写作 2026-03-01。号码按证照原样写，不要让表格程序改成数字。",
            "多选题在每个选中的选项旁选 ☑。",
            "表格一行一项；行不够时在表格中间插入行；要去掉一项，清空整行。",
            "一格里写几条的，每条一行（Windows 按 Alt+Enter，Mac 按 Option+Return）。",
            f"以 {cells.EXACTLY} 开头的格照原样保留；要改时整格重写。",
            "身份证号码、联系方式等集中在“敏感信息”一张表；不宜一并传递的，删去该表另行提供。",
            "填好后存为 .xlsx 交回。隐藏的行、列和工作表用于读回答案，请勿删除。",
        ),
        "contents": ("工作表", "题数", "现在需要", "谁来回答"),
        "stamp": "beian {version}，按 {day} 的规定导出；事实校验值 {facts}。",
        "documents": "只含下列文书需要的问题：{listed}。",
        "basis": "依据：",
        "between": "、",
        "reference": "所属第几项",
        "reference_help": "写“{title}”一表中该项左侧的序号。",
        "none": f"没有的，选 {cells.NONE}。",
        "list_none": f"一项也没有的，在左侧选 {cells.NONE}。",
        "one_per_row": "每条一行。",
        "one_per_line": "每条在格内另起一行。",
        "item": "第{number}项",
        "ticks": f"选中的选 {cells.TICK}。",
        "wrong": "请从列表中选择。",
        "wrong_number": "请写{kind}（{low} 至 {high}）。",
        "integer": "整数",
        "number": "数字",
        "any": "不限",
    },
    "en": {
        "guide": "Guide",
        "heading": "Facts for the filing 备案事实采集表",
        "captions": (NEEDED, "Question 问题", "Answer 答案", "Help 说明"),
        "needed": f"{NEEDED} and yellow cells: answers needed now, {{count}} in all (more may follow).",
        "rules": (
            "Only framed cells can be filled in; the rest is locked, without a password.",
            f"Empty means not answered yet. Where there is none, choose {cells.NONE}; "
            "a question without this choice cannot be answered with none. Blue cells say that a whole "
            "table or group of choices has none.",
            "Dates are written 2026-03-01. Numbers of documents are written as they stand there.",
            f"Where several choices may apply, put {cells.TICK} beside each that does.",
            "Tables have a row for each item: insert rows inside the table when they run out; "
            "to remove an item, clear its whole row.",
            "Several texts in one cell stand on lines of their own (Alt+Enter, Mac Option+Return).",
            f"Cells that begin with {cells.EXACTLY} are kept as they are; rewrite them whole.",
            "Identity numbers and contacts stand on the sheet of personal data alone; "
            "delete that sheet where it should travel apart.",
            "Save as .xlsx. Hidden rows, columns and sheets are needed for reading; keep them.",
        ),
        "contents": ("Sheet 工作表", "Questions 题数", "Needed 现在需要", "Who 谁来回答"),
        "stamp": "beian {version}, for the law of {day}; facts {facts}.",
        "documents": "Only the questions of: {listed}.",
        "basis": "Basis: ",
        "between": ", ",
        "reference": "Belongs to row 所属第几项",
        "reference_help": "The number at the left of the item in the table “{title}”.",
        "none": f"None: choose {cells.NONE}.",
        "list_none": f"None at all: choose {cells.NONE} at the left.",
        "one_per_row": "One a row.",
        "one_per_line": "One a line within the cell.",
        "item": "{number}",
        "ticks": f"Put {cells.TICK} where it applies.",
        "wrong": "Please choose from the list. 请从列表中选择。",
        "wrong_number": "{kind}, {low} – {high}",
        "integer": "Whole number 整数",
        "number": "Number 数字",
        "any": "any",
    },
}


def said(field: Field, lang: str) -> str:
    """The help of a field in the words of a workbook: those of the facts file are not the client's."""
    text = field.description if lang == "zh" else english.in_words(field.description)
    return _OF_THE_FILE.sub(lambda match: _OF_THE_SHEET[lang][match[1]], text)


_OF_THE_FILE = re.compile(r"(?:写\s*|[Ww]rite )?(?<![a-z])(null|true|false)(?![a-z])")
_OF_THE_SHEET = {
    "zh": {"null": f"选{cells.NONE}", "true": "选“是”", "false": "选“否”"},
    "en": {"null": f"choose {cells.NONE}", "true": "choose 是 (yes)", "false": "choose 否 (no)"},
}
