"""Commands of the workshop: style, build, check; run in the root of the repository."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workshop.markdown import TemplateError, compile_template
from workshop.style import LOOKS, compose_specimen

TEMPLATES = Path("templates")


def list_sources(ids: Sequence[str] = ()) -> list[Path]:
    """Return the template.md of these folders, or of all."""
    if ids:
        return [TEMPLATES / name / "template.md" for name in ids]
    return sorted(TEMPLATES.glob("*/template.md"))


def compile_source(source: Path) -> bytes:
    """Return the Word file of one template.md; errors name the file."""
    try:
        return compile_template(source.read_text(encoding="utf-8"))
    except (OSError, TemplateError) as error:
        raise TemplateError(f"{source.as_posix()}: {error}") from error


def compile_styles() -> dict[Path, bytes]:
    """Return the style files by path."""
    return {TEMPLATES / look.file: compose_specimen(look) for look in LOOKS.values()}


def compile_templates(ids: Sequence[str] = ()) -> dict[Path, bytes]:
    """Return the template files of these folders, or of all, by path."""
    return {source.with_suffix(".docx"): compile_source(source) for source in list_sources(ids)}


def save_files(files: dict[Path, bytes]) -> None:
    """Write the files and print their paths."""
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(path.as_posix())


def list_stale() -> list[Path]:
    """Return the files that are absent or differ from what would be built now."""
    files = compile_styles() | compile_templates()
    return [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_bytes() != content
    ]


def main() -> int:
    """Return the exit code: 0 done or current, 1 not current, 2 could not do the work."""
    parser = argparse.ArgumentParser(prog="workshop", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("style", help="write the two style files")
    build = commands.add_parser("build", help="compile template.md to template.docx")
    build.add_argument("ids", nargs="*", metavar="ID", help="folders of templates/; default: all")
    commands.add_parser("check", help="name the Word files that are not current")
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "style":
                save_files(compile_styles())
            case "build":
                save_files(compile_templates(arguments.ids))
            case _:
                stale = list_stale()
                for path in stale:
                    print(f"{path.as_posix()} is not current")
                return 1 if stale else 0
    except TemplateError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
