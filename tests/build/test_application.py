"""Applications are the folders of firmware/apps; a user's own folder can say the same."""

import pytest

from tinyml.build import application
from tinyml.errors import BuildError
from tinyml.resources import folder

APPS = folder("firmware") / "apps"


def names_of(app):
    firmware = folder("firmware").resolve()
    return {str(path.relative_to(firmware)) for path in app.sources if firmware in path.parents}


def test_every_folder_with_sources_is_an_application():
    assert application.names() == sorted({path.parent.name for path in APPS.glob("*/*.c")})
    for name in application.names():
        app = application.load(name)
        assert app.title != name
        assert f"apps/{name}/main.c" in names_of(app)


def test_the_node_is_offered_first_and_the_front_end_not_at_all():
    offered = [app.name for app in application.listed()]
    assert offered[0] == "node"
    assert set(application.names()) - set(offered) == {"front_end"}


def test_an_application_takes_its_libraries_whole():
    found = names_of(application.load("node"))
    for library in ("node", "link", "store"):
        wanted = {f"{library}/{path.name}" for path in (folder("firmware") / library).glob("*.c")}
        assert wanted and wanted <= found
    assert not names_of(application.load("bench")) - {"apps/bench/main.c"}


@pytest.mark.parametrize(
    ("model", "benchmark", "how"),
    [
        ("kws", "kws01", 0),
        ("ad_small", "ad01", 2),
        ("resnet8", "ic01", 1),
        ("vww", "vww01", 1),
        ("mine", "mine", 0),
    ],
)
def test_the_benchmark_is_told_by_the_models_name(model, benchmark, how):
    assert application.load("mlperf").definitions(model, "microbit") == [
        f'TML_MLPERF_MODEL="{benchmark}"',
        f"TML_MLPERF_INPUT={how}",
        'TML_MLPERF_BOARD="microbit"',
    ]


def own(place, text):
    place.mkdir()
    (place / "main.c").write_text("int main(void) { return 0; }\n")
    (place / "app.toml").write_text(text)
    return str(place)


def test_an_own_folder_takes_libraries_single_files_and_definitions(tmp_path):
    text = """title = "mine"
libraries = ["link"]
sources = ["store/crc32.c"]
[definitions]
PIN = 13
WHO = "@MODEL@ on @BOARD@"
"""
    app = application.load(own(tmp_path / "mine", text))
    assert {"link/smp.c", "store/crc32.c"} <= names_of(app)
    assert app.sources[0] == (tmp_path / "mine" / "main.c").resolve()
    assert app.definitions("m", "b") == ["PIN=13", 'WHO="m on b"']


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('libraries = ["nod"]', "firmware/nod holds no C sources"),
        ('sources = ["store/x.c"]', r"there is no .*x\.c"),
        ('library = ["node"]', "unknown key 'library'; did you mean 'libraries'"),
        ("[definitions]\nPIN = 1.5", "'PIN' must be a whole number"),
        ("title =", "not valid TOML"),
    ],
)
def test_a_wrong_description_is_told(text, words, tmp_path):
    with pytest.raises(BuildError, match=words):
        application.load(own(tmp_path / "mine", text))
