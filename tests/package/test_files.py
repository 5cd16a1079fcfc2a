"""Places that cannot be written are named before any work is done."""

import pytest

from tests.cli.test_project_cli import tinyml
from tinyml.errors import TinymlError
from tinyml.files import require_writable
from tinyml.tools import cache_folder


@pytest.mark.parametrize("place", ["/proc/x", "/dev/null", "/dev/null/x"])
def test_a_folder_that_cannot_be_made_is_named(place, tmp_path):
    with pytest.raises(TinymlError, match=f"{place} cannot be written: "):
        require_writable(tmp_path / place)
    require_writable(tmp_path / "new" / "one")
    assert list((tmp_path / "new" / "one").iterdir()) == []


def test_a_user_without_a_home_is_told(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)  # whom nobody knows
    with pytest.raises(TinymlError, match="set HOME, or set XDG_CACHE_HOME"):
        cache_folder()


def test_training_into_a_place_that_cannot_be_written_ends_at_once(monkeypatch, tmp_path):
    project = tmp_path / "pump"
    tinyml("init", "pump-simulated", project)

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(TinymlError, match="pump cannot be written: Permission denied"):
        tinyml("train", project)
