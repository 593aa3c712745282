"""Knows which Chinese text of a Word file names no face for Chinese, itself or through its styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from beian.lint.elements import above, local, parsed
from beian.lint.part import Part
from beian.ooxml import w

_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Fonts:
    """Knows which runs name a face for Chinese, by themselves or through their styles."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        styles = parsed(parts.get("word/styles.xml", b""))
        self.styles: dict[str, Any] = {}
        self.default: dict[str, str] = {}
        self.base = None
        if styles is not None:
            self.base = styles.find(
                f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}/{w('rFonts')}"
            )
            for style in styles.iter(w("style")):
                name = style.get(w("styleId"), "")
                self.styles[name] = style
                if style.get(w("default")) in ("1", "true", "on"):
                    self.default[style.get(w("type"), "")] = name
        self.theme = _theme_faces(parts)

    def check(self, part: Part) -> None:
        lacking: dict[str, list[Any]] = {}
        for paragraph in part.paragraphs:
            for text in part.texts[paragraph]:
                words = text.text or ""
                if (_CJK.search(words) or "{" in words) and not self._has_face(text, paragraph):
                    homes = lacking.setdefault(self._style_of(paragraph), [])
                    if paragraph not in homes[-1:]:
                        homes.append(paragraph)
        for style, homes in lacking.items():
            more = f"，同样的共 {len(homes)} 段" if len(homes) > 1 else ""
            words = f"中文没有指定东亚字体（样式“{self._title(style)}”{more}）"
            hint = "在样式中把“中文字体”设为宋体、仿宋等；否则可能显示为日文字体。"
            part.report.add("template-font", part.lines[homes[0]], words, hint)

    def _title(self, style: str) -> str:
        """What Word's menus call a style."""
        found = self.styles.get(style)
        name = found.find(w("name")) if found is not None else None
        return str(name.get(w("val"), style)) if name is not None else style or "默认"

    def _style_of(self, paragraph: Any) -> str:
        style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        return style.get(w("val"), "") if style is not None else self.default.get("paragraph", "")

    def _has_face(self, text: Any, paragraph: Any) -> bool:
        properties = text.getparent().find(w("rPr"))
        if properties is not None and properties.find(w("vanish")) is not None:
            return True
        for fonts in self._levels(properties, paragraph):
            theme, face = fonts.get(w("eastAsiaTheme")), fonts.get(w("eastAsia"))
            if theme is not None:
                return theme in self.theme
            if face:
                return True
        return False

    def _levels(self, properties: Any, paragraph: Any) -> Iterator[Any]:
        """The font elements that decide, the nearest first."""
        if properties is not None:
            if (own := properties.find(w("rFonts"))) is not None:
                yield own
            if (style := properties.find(w("rStyle"))) is not None:
                yield from self._chain(style.get(w("val"), ""))
        yield from self._chain(self._style_of(paragraph))
        table = above(paragraph, "tbl")
        if table is not None and (style := table.find(f"{w('tblPr')}/{w('tblStyle')}")) is not None:
            yield from self._chain(style.get(w("val"), ""))
        if self.base is not None:
            yield self.base

    def _chain(self, name: str) -> Iterator[Any]:
        seen: set[str] = set()
        while name in self.styles and name not in seen:
            seen.add(name)
            style = self.styles[name]
            if (fonts := style.find(f"{w('rPr')}/{w('rFonts')}")) is not None:
                yield fonts
            base = style.find(w("basedOn"))
            name = base.get(w("val"), "") if base is not None else ""


def _theme_faces(parts: dict[str, bytes]) -> set[str]:
    """The theme fonts that give Chinese a Chinese face."""
    settings, found = parsed(parts.get("word/settings.xml", b"")), set()
    language = settings.find(w("themeFontLang")) if settings is not None else None
    is_chinese = language is not None and language.get(w("eastAsia"), "").startswith("zh")
    for name in (one for one in parts if re.match(r"word/theme/theme\d*\.xml\Z", one)):
        theme = parsed(parts[name])
        for kind in ("major", "minor") if theme is not None else ():
            fonts = next(theme.iter(f"{{*}}{kind}Font"), None)
            for one in () if fonts is None else fonts:
                is_face = local(one) == "ea" or (
                    is_chinese and one.get("script", "").startswith("Han")
                )
                if is_face and one.get("typeface"):
                    found.add(f"{kind}EastAsia")
    return found
