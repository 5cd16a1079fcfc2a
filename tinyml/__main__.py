"""``python -m tinyml`` is the command ``tinyml``."""

from tinyml.cli.main import main

main()
