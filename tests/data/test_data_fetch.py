"""Fetching from a real HTTP server that breaks off, ignores ranges or serves something else."""

import gzip
import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tinyml import data
from tinyml.data.catalogue import SourceFile
from tinyml.data.fetch import fetch, is_here
from tinyml.errors import ChecksumError, DataError, DownloadError

CONTENT = bytes(range(256)) * 1024


class Source(ThreadingHTTPServer):
    """Serves CONTENT; how badly is set by its attributes."""

    content = CONTENT
    break_after = None  # bytes of an answer's body
    understands_ranges = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/file.csv":
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        partial = wanted is not None and self.server.understands_ranges
        body = self.server.content[int(wanted[6:-1]) :] if partial else self.server.content
        self.send_response(206 if partial else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.break_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def source():
    with Source() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache and no mirror."""
    monkeypatch.setenv("TINYML_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TINYML_DATA_MIRROR", "")
    return tmp_path / "home"


def entry_of(server, path="file.csv"):
    url = f"http://127.0.0.1:{server.server_port}/{path}"
    file = SourceFile("file.csv", url, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    return replace(data.entry("occupancy-uci"), name="example", files=(file,))


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_fetched_once_and_kept(source, home):
    seen = []
    entry = entry_of(source)
    assert not is_here(entry)
    path = fetch(entry, lambda name, done, total: seen.append((name, done, total)))["file.csv"]
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("file.csv", len(CONTENT), len(CONTENT))
    assert fetch(entry) == {"file.csv": path}
    assert len(source.ranges) == 1
    assert is_here(entry)


@pytest.mark.parametrize("understands_ranges", [True, False])
def test_an_interrupted_download_goes_on(source, home, understands_ranges):
    source.break_after = 100_000
    entry = entry_of(source)
    with pytest.raises(DownloadError, match=r"100,000 of 262,144 bytes are kept"):
        fetch(entry)
    assert files_in(home) == ["file.csv.part"]
    source.break_after, source.understands_ranges = None, understands_ranges
    assert fetch(entry)["file.csv"].read_bytes() == CONTENT
    assert source.ranges == [None, "bytes=100000-"]
    assert files_in(home) == ["file.csv"]


def test_another_file_is_refused_and_not_kept(source, home):
    source.content = CONTENT[::-1]
    with pytest.raises(ChecksumError, match="wrong checksum"):
        fetch(entry_of(source))
    assert files_in(home) == []


def test_a_missing_file_is_one_sentence(source, home):
    with pytest.raises(DownloadError, match="could not be downloaded"):
        fetch(entry_of(source, "elsewhere.csv"))
    assert files_in(home) == []


def test_no_server_is_one_sentence(source, home):
    entry = entry_of(source)
    source.server_close()
    with pytest.raises(DownloadError, match="TINYML_DATA_MIRROR"):
        fetch(entry)


def test_a_damaged_copy_is_named(source, home):
    path = fetch(entry_of(source))["file.csv"]
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ChecksumError, match=r"file\.csv has the wrong checksum"):
        fetch(entry_of(source))


@pytest.mark.parametrize("packed", [False, True])
def test_a_mirror_spares_the_network(source, home, tmp_path, monkeypatch, packed):
    folder = tmp_path / "mirror" / "example"
    folder.mkdir(parents=True)
    name = "file.csv.gz" if packed else "file.csv"
    (folder / name).write_bytes(gzip.compress(CONTENT) if packed else CONTENT)
    monkeypatch.setenv("TINYML_DATA_MIRROR", str(tmp_path / "mirror"))
    assert fetch(entry_of(source))["file.csv"].read_bytes() == CONTENT
    assert source.ranges == []


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (gzip.compress(CONTENT, mtime=0)[:-100], DataError, "not a complete gzip file"),
        (b"no gzip at all", DataError, "not a complete gzip file"),
        (gzip.compress(b"other", mtime=0), ChecksumError, "wrong checksum"),
    ],
)
def test_a_bad_mirror_leaves_nothing(source, home, tmp_path, monkeypatch, content, error, words):
    folder = tmp_path / "mirror" / "example"
    folder.mkdir(parents=True)
    (folder / "file.csv.gz").write_bytes(content)
    monkeypatch.setenv("TINYML_DATA_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(error, match=words):
        fetch(entry_of(source))
    assert not home.exists() or files_in(home) == []


def test_a_mirror_that_is_no_folder_is_named(source, home, monkeypatch):
    monkeypatch.setenv("TINYML_DATA_MIRROR", "/no/such/folder")
    with pytest.raises(DataError, match="/no/such/folder, which is not a folder"):
        fetch(entry_of(source))
