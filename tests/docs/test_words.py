"""Help, errors and documents are plain English: no banned phrase, no paragraph that is too long."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.docs.test_docs import PAGES
from tests.support.shared import ROOT
from tinyml.cli.main import COMMANDS

# phrase -> what to write instead
BANNED = {
    r"(?<!there )(?<!that )\bis no (?!longer|more)": "is not a ...",
    r"\btold of\b": "say who tells whom what",
    r"\bone's own\b": "your ..., or name the owner",
    r"\banew\b": "again",
    r"\bby hand\b": "name the option, or the person who does it",
    r"\bwhere (it|they) (is|are) (absent|none)\b": "if it is missing",
    r"\bwhere there (is|are) none\b": "without ...",
}
MOST_WORDS = 120  # of a paragraph
ITEM = re.compile(r"\n(?=\s*(?:[-*]|\d+\.) |#|\|)")  # lists, headings and tables are read in pieces


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module that is not a docstring, without what f-strings compute."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            yield node.lineno, node.value


def helps(command: click.Command) -> Iterator[str]:
    yield command.help or ""
    for parameter in command.params:
        yield getattr(parameter, "help", None) or ""
    if isinstance(command, click.Group):
        for name in command.commands:
            yield from helps(command.commands[name])


def found(text: str) -> list[str]:
    return [f"'{hit[0]}': {better}" for phrase, better in BANNED.items()
            for hit in re.finditer(phrase, " ".join(text.split()), re.IGNORECASE)]  # fmt: skip


def paragraphs(page: str) -> Iterator[str]:
    text = re.sub(r"```.*?```", "\n\n", page, flags=re.DOTALL)
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (piece for piece in ITEM.split(paragraph) if not piece.startswith("|"))


@pytest.mark.parametrize("path", sorted((ROOT / "tinyml").rglob("*.py")),
                         ids=lambda path: str(path.relative_to(ROOT)))  # fmt: skip
def test_what_is_printed_is_plain(path):
    assert [(line, hit) for line, text in sentences(path) for hit in found(text)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_plain_and_complete(name):
    command = importlib.import_module(f"tinyml.cli.{name}").command
    assert [hit for text in helps(command) for hit in found(text)] == []
    bare = [parameter.name for parameter in _options(command) if not parameter.help]
    assert bare == [], "options without help"


def _options(command: click.Command) -> list[click.Option]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return own + [option for each in inner for option in _options(each)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_plain(page):
    text = page.read_text(encoding="utf-8")
    assert found(re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)) == []
    assert [piece[:60] for piece in paragraphs(text) if len(piece.split()) > MOST_WORDS] == []
