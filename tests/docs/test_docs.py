"""Documents are true: commands exist with their options, links resolve, versions agree."""

import importlib
import re
import shlex

import click
import pytest

from tests.support.shared import ROOT
from tinyml import __version__, project
from tinyml.cli.main import COMMANDS
from tools import operator_table

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("seeds/*.md")])
PAGES += sorted(ROOT.glob("models/*/README.md"))
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands(text: str) -> list[str]:
    """Everything in code that begins with tinyml or make."""
    code = re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
    lines = [line for block in code for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", text)
    lines = [line.split("#")[0].strip().removeprefix("$ ") for line in lines]
    return [line for line in lines if re.match(r"(tinyml|make) [a-z]", line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page):
    for line in commands(page.read_text()):
        program, name, *arguments = shlex.split(line)
        if program == "make":
            assert name in TARGETS, line
            continue
        assert name in COMMANDS, line
        command = importlib.import_module(f"tinyml.cli.{name}").command
        while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
            command = command.commands[arguments.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        for argument in arguments:
            if argument.startswith("-"):
                assert argument.split("=")[0] in known, f"{page.name}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_zoo_is_named_where_projects_are_started():
    [line] = [x for x in (ROOT / "README.md").read_text().splitlines() if "`tinyml init" in x]
    assert sorted(re.findall(r"`([a-z0-9-]+)`", line)) == project.zoo()


def test_the_changelog_has_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_page_has_an_open_place():
    for page in PAGES:
        assert not re.search(r"@[A-Z]+@", page.read_text()), page.name


def test_the_table_of_operators_is_current():
    assert operator_table.PAGE.read_text() == operator_table.page(), (
        "write it again: python -m tools.operator_table"
    )
