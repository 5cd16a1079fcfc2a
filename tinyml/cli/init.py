"""tinyml init: a new project from the model zoo."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from tinyml.errors import ProjectError
from tinyml.full_disk import full_disk, is_full_disk
from tinyml.project import FILE_NAME, of_zoo, zoo
from tinyml.shell import quoted


@click.command("init", epilog="\n".join(["\b", "Tasks:", *(f"  {task}" for task in zoo())]))
@click.argument("task")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
def command(task: str, directory: Path | None) -> None:
    """Start a new project in DIRECTORY from TASK of the model zoo.

    The project includes a trained model, so every command works before you train.
    """
    source = of_zoo(task)
    target = directory or Path(task)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProjectError(f"{target} is there already and not empty; choose another folder")
    try:
        shutil.copytree(source, target, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        if is_full_disk(error):
            raise full_disk(target) from error
        raise ProjectError(f"{target} cannot be written: {error}") from error
    then = f"tinyml train {quoted(str(target))}"
    click.echo(f"Wrote the project {target}. Edit {target / FILE_NAME}, then type `{then}`.")
