"""What the interview says, in Chinese and in English."""

from __future__ import annotations

#: key -> (Chinese, English); slots in braces are filled by name.
_WORDS = {
    "progress": (
        "{section}　本部分至少还缺 {here} 项 · 已答 {answered} 项，至少还缺 {needed} 项",
        "{section}: at least {here} to go here · {answered} answered, at least {needed} to go",
    ),
    "editing": ("{section}　修改已填的回答", "{section}: changing an answer"),
    "basis": ("依据", "Basis"),
    "users": ("用于", "For"),
    "who": ("可问", "Ask"),
    "now": ("现填", "Now"),
    "suggested": ("建议", "Hint"),
    "from": ("{value}（取自“{title}”）", "{value} (from “{title}”)"),
    "accept": ("输入 = 采用", "type = to take it"),
    "accept_number": ("输入 = 和序号采用", "type = and the number to take one"),
    "accept_many": (
        "共 {count} 个；输入 = 和序号采用，或者输入其中的字补全",
        "{count} in all; type = and the number, or part of one to complete it",
    ),
    "note": ("提示", "Note"),
    "more": (" 等 {count} 处", " and others, {count} in all"),
    "yes": ("是", "yes（是）"),
    "no": ("否", "no（否）"),
    "none_plain": ("无", "none（无）"),
    "none": ("无（{text}）", "none（{text}）"),
    "there_is": ("有，逐项填写", "There is: answer item by item"),
    "add": ("增加一项", "Add one"),
    "done": ("填完了，下一题", "Complete: go on"),
    "change": ("修改一项", "Change one"),
    "remove": ("删去一项", "Remove one"),
    "move": ("上移一项", "Move one up"),
    "which": ("选择哪一项？", "Which one?"),
    "back": ("返回上一题", "Back to the question before"),
    "skip": ("暂不清楚，先跳过", "Not known yet: skip for now"),
    "jump": ("跳到另一题", "Go to another question"),
    "review": ("核对已填的回答", "Review the answers"),
    "clear": ("清除这一题的回答", "Clear this answer"),
    "table": ("从工作簿读入…", "Read from a workbook…"),
    "table_how": (
        "已有现成清单的，可以从工作簿读入（:t 文件 工作表）。",
        "A list you have already can be read from a workbook (:t FILE SHEET).",
    ),
    "which_book": ("{title}：从哪个工作簿读入？", "{title}: read from which workbook?"),
    "book_how": (
        "写 .xlsx 文件的路径；要指定工作表的，在路径后空一格写表名，不写则选表头最相符的一张。"
        "直接按回车返回。",
        "Path of an .xlsx file; the sheet may follow after a space, else the one whose headers fit "
        "best is read. Enter alone goes back.",
    ),
    "sheet": ("工作表", "Sheet"),
    "sheet_read": ("{sheet}，{count} 行", "{sheet}, {count} rows"),
    "columns": ("对应", "Columns"),
    "column": ("{header} → {title}", "{header} → {title}"),
    "new": ("新增", "New"),
    "changed": ("修改", "Changed"),
    "instead": ("（原为 {value}）", " (was {value})"),
    "unread": ("未读", "Not read"),
    "rows_more": ("…… 还有 {count} 行没有列出", "… and {count} more"),
    "proposed": (
        "{title}：写入以上内容？会替换已有的 {count} 个回答",
        "{title}: write this? It replaces {count} answers",
    ),
    "proposed_new": (
        "{title}：写入以上内容？已有的回答不变",
        "{title}: write this? What is there stays as it is",
    ),
    "proposed_none": ("{title}：没有可写入的内容", "{title}: there is nothing to write"),
    "write_all": ("写入，并替换 {count} 个已有的回答", "Write it, and replace {count} answers"),
    "write_new": ("写入", "Write it"),
    "only_new": ("只写入新增的，已有的回答不动", "Write only what is new"),
    "other_book": ("换一个工作簿或者工作表", "Another workbook or sheet"),
    "write_nothing": ("不写入", "Write nothing"),
    "taken_over": (
        "已从工作表“{sheet}”写入 {count} 处。",
        "{count} entries written from sheet “{sheet}”.",
    ),
    "finding": ("{message}", "{level}{title}{basis}: {message}"),
    "level_block": ("阻断", "Blocks（阻断）"),
    "level_missing": ("待补", "Missing（待补）"),
    "level_undetermined": ("未定", "Undetermined（未定）"),
    "level_review": ("复核", "To review（复核）"),
    "foreign": ("{text}", "In Chinese: {text}"),
    "made": (
        "已新建 {matter}/，事实文件是 {matter}/facts.yaml。",
        "Made {matter}/ with {matter}/facts.yaml.",
    ),
    "edit": ("在编辑器中填写", "Write in the editor"),
    "help": ("全部操作", "All commands"),
    "quit": ("保存并退出", "Save and leave"),
    "go_on": ("继续提问", "Go on with the questions"),
    "cancel": ("不改了", "Leave it"),
    "cannot_back": ("前面没有已答的题。", "There is no answered question before this one."),
    "no_none": (
        "这一题不能答“无”；不清楚的先跳过。",
        "“None” is no answer here; skip it if unknown.",
    ),
    "no_suggestion": ("这一题没有建议。", "There is no suggestion here."),
    "no_such": (
        "没有 {name} 这个操作；{all} 列出全部操作。",
        "No command {name}; {all} lists them.",
    ),
    "not_offered": ("“{text}”不在选项内，请输入序号。", "“{text}” is no option; type its number."),
    "empty": (
        "尚未作答。不清楚的输入 :s 跳过。",
        "No answer yet. Type :s to skip what you do not know.",
    ),
    "empty_list": (
        "还没有一项。逐项输入；不清楚的输入 :s 跳过。",
        "Nothing listed yet. Type the items one by one, or :s to skip.",
    ),
    "pick_some": ("至少选一项。", "Choose at least one."),
    "list_how": (
        "每次输入一项，按回车添加；全部输完后直接按回车。",
        "Type one item at a time; press Enter alone when all are there.",
    ),
    "list_key": (
        "改第 2 项 :u 2 · 删第 2 项 :d 2 · 上移第 2 项 :m 2",
        ":u 2 changes no. 2 · :d 2 removes it · :m 2 moves it up",
    ),
    "no_item": ("没有第 {number} 项。", "There is no item {number}."),
    "keep_first": (
        "已填的 {count} 个回答会被删去，确定吗？",
        "This deletes {count} answers. Go on?",
    ),
    "unused": (
        "按现在的回答，下列已填的 {count} 项暂不使用，仍予保留：{titles}",
        "With these answers {count} earlier ones are not used now; they are kept: {titles}",
    ),
    "used_again": (
        "此前保留的 {count} 项重新使用：{titles}",
        "{count} answers kept from before are used again: {titles}",
    ),
    "concluded": ("{title}：{value}。{because}", "{title}: {value}. {because}"),
    "not_used": (
        "“{title}”目前没有检查项或者文书使用，不必回答。",
        "No rule or document uses “{title}” at present; it need not be answered.",
    ),
    "no_match": ("没有找到“{text}”。可输入题目、部分或者路径中的字。", "Nothing matches “{text}”."),
    "jump_to": (
        "输入题目、部分或者路径中的字，例如“投诉”。",
        "Type part of a title, section or path.",
    ),
    "matches": ("找到 {count} 项，选择一项：", "{count} found; choose one:"),
    "many": ("只列出前 {shown} 项，共 {count} 项；可多输几个字。", "The first {shown} of {count}."),
    "review_sections": ("核对：选择要查看的部分", "Review: choose a section"),
    "review_fields": ("{section}：选择要修改的回答", "{section}: choose an answer to change"),
    "counts": ("{section}　已答 {answered}", "{section}: {answered} answered"),
    "counts_needed": ("，至少还缺 {needed}", ", at least {needed} to go"),
    "counts_unused": ("，暂不使用 {unused}", ", {unused} not used now"),
    "unused_mark": ("（暂不使用）", " (not used now)"),
    "unanswered": ("（未填）", "(no answer)"),
    "finished": ("所需的事实都已填写。", "Every fact that is needed has been answered."),
    "only_skipped": (
        "只剩跳过的 {count} 项，按可以提供的人列出：",
        "Only the {count} skipped questions are left, by who could know:",
    ),
    "of_whom": ("{who}（{count} 项）", "{who} ({count})"),
    "for_counsel": ("留待律师认定：{title}", "Left for counsel to determine: {title}"),
    "again": ("现在再问一遍跳过的题", "Ask the skipped questions again now"),
    "finish": ("结束", "Finish"),
    "saved": ("已保存，随时可以继续：{command}", "Saved. Go on at any time: {command}"),
    "left": ("至少还缺 {needed} 项。", "At least {needed} to go."),
    "check_next": ("下一步：{command}", "Next: {command}"),
    "wrong": ("此处原有的回答不合要求：{message}", "The present answer is refused: {message}"),
    "no_editor": (
        "没有可用的编辑器；设置环境变量 EDITOR 后再试。",
        "No editor; set the variable EDITOR.",
    ),
    "key_back": ("Ctrl-B 返回", "Ctrl-B back"),
    "key_skip": ("Ctrl-K 跳过", "Ctrl-K skip"),
    "key_help": ("Esc 全部操作", "Esc menu"),
    "key_quit": ("Ctrl-C 退出", "Ctrl-C leave"),
    "keys_pick": ("↑↓ 选择，回车确定", "↑↓ choose, Enter confirms"),
    "keys_mark": ("空格勾选，回车确定", "Space marks, Enter done"),
    "numbers": ("输入序号", "number"),
    "numbers_many": ("输入序号，以空格分开", "numbers, with spaces"),
    "answer": ("回答", "answer"),
}

#: command -> (the words that call it after a colon); the first is the one shown.
COMMANDS = {
    "back": ("b", "返回", "back"),
    "skip": ("s", "跳过", "skip"),
    "none": ("n", "无", "none"),
    "accept": ("=", "采用"),
    "jump": ("j", "跳转", "jump"),
    "review": ("r", "核对", "review"),
    "edit": ("e", "编辑", "edit"),
    "table": ("t", "工作簿", "table"),
    "clear": ("x", "清除", "clear"),
    "change": ("u", "修改", "change"),
    "remove": ("d", "删除", "remove"),
    "move": ("m", "上移", "move"),
    "help": ("h", "全部操作", "help", "操作", "?", "？"),
    "quit": ("q", "退出", "quit"),
}


class Words:
    """The words of one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **slots: object) -> str:
        return _WORDS[key][self.lang == "en"].format(**slots)

    def foreign(self, text: str) -> str:
        """A sentence that is there in Chinese only; in an English interview it is marked as such."""
        return self("foreign", text=text)
