"""tinyml.toml: every slip is named, with what is allowed."""

import pytest

from tinyml import project
from tinyml.errors import ProjectError
from tinyml.resources import folder

ZOO = sorted(path.parent.name for path in folder("models").glob("*/tinyml.toml"))
PUMP = (folder("models") / "pump-simulated" / "tinyml.toml").read_text()
SPECTRAL = 'kind = "spectral"\nbands = 16'


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_is_valid(name):
    found = project.find(folder("models") / name)
    assert found.name == name
    assert found.front_end.channels >= 1


def test_a_project_is_found_from_below(tmp_path):
    (tmp_path / "tinyml.toml").write_text(PUMP)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert project.find(below).model_path == tmp_path.resolve() / "model.tflite"


def test_no_project_says_how_to_start_one(tmp_path):
    with pytest.raises(ProjectError, match="tinyml init"):
        project.find(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('dataset = "pump-simulated"', 'dataset = "pump"', "data set 'pump' is not known"),
        ('dataset = "pump-simulated"', "", "lacks 'dataset'"),
        ('dataset = "pump-simulated"', "dataset = 3", "'dataset' must be text"),
        ('board = "mps2-an386"', 'board = "mps2-an368"', "did you mean"),
        ("seed = 1", "seed = -1", "'seed' must be from 0"),
        ("seed = 1", "sede = 1", "unknown key 'sede'; did you mean 'seed'"),
        ('kind = "spectral"', 'kind = "spectrum"', "did you mean 'spectral'"),
        (
            SPECTRAL,
            'kind = "log"\nlog = ["z", "xx"]',
            "the channel 'xx' is not known; did you mean 'x'",
        ),
        (SPECTRAL, 'kind = "log"\nlog = []', "must name at least one channel"),
        (
            SPECTRAL,
            'kind = "log"\nratios = [["x", "zz"]]',
            "in 'ratios', the channel 'zz' is not known",
        ),
        (SPECTRAL, 'kind = "log"\nratios = ["x"]', r"must be pairs of channels, such as \[\[\"x"),
        (SPECTRAL, 'kind = "log"\nlog = ["x"]\nratios = [["x", "y"]]', r"not \[0, 1\]"),
        ("[training]", "[teacher]\ntrees = 0\n[training]", "'trees' must be from 1"),
        ("[training]", "[teacher]\ntree = 9\n[training]", "did you mean 'trees'"),
        ("bands = 16", "bands = 0", "'bands' must be from 1 to 64"),
        ('kind = "cnn1d"', 'kind = "cnn"', "did you mean 'cnn1d'"),
        ("layers = [16, 24]", "layers = []", "'layers' must be 1 to 8"),
        ("layers = [16, 24]", "layers = [true]", "'layers' must be 1 to 8"),
        ("layers = [16, 24]", "layers = 16", "'layers' must be a list"),
        ("dropout = 0.2", "dropout = 1.5", "'dropout' must be from 0 to 0.9"),
        ("epochs = 60", "epochs = true", "'epochs' must be a whole number"),
        ("epochs = 60", "epoch = 60", "unknown key 'epoch'; did you mean 'epochs'"),
        ("learning_rate = 0.002", "learning_rate = nan", "'learning_rate' must be from"),
        ("[training]", '[training]\nloss = "mae"', "'loss' is for regression"),
        (
            "[training]",
            "[training]\ncalibrate = true\njoin_validation = true",
            "are not trained on",
        ),
        ("[training]", "[training]\nprune = 0.5\nquantized_epochs = 1", "cannot be combined"),
        ("[training]", "[training]\nfavour = {healthy = 11.0}", "'healthy' must be from -10"),
        ("[training]", "[training]\nfavour = {helthy = 1.0}", "did you mean 'healthy'"),
        ("[training]", "[training", "not valid TOML"),
        ("[front_end]", "[frontend]", "lacks 'front_end'; is it misspelt as 'frontend'"),
        ("[training]", "[training]\nabc = 1", "unknown key 'abc'; known keys are average, bal"),
        ("dropout = 0.2", 'dropout = "a"', "'dropout' must be a number, not 'a'"),
    ],
)
def test_a_slip_is_named(tmp_path, old, new, words):
    assert old in PUMP
    path = tmp_path / "tinyml.toml"
    path.write_text(PUMP.replace(old, new, 1))
    with pytest.raises(ProjectError, match=words) as raised:
        project.find(tmp_path)
    assert str(path.name) in str(raised.value)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "tinyml.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match=r"not a text file in UTF-8; save it in that encoding$"):
        project.find(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("skab-pump", "[training]", "[teacher]\n[training]", "is for anomaly"),
        ("esc10", "[training]", "[teacher]\n[training]", "its front end is log_mel"),
        ("skab-pump", "[training]", "[training]\nbalanced = true", "on normal windows alone"),
    ],
)
def test_what_does_not_suit_the_data_is_refused(tmp_path, name, old, new, words):
    text = (folder("models") / name / "tinyml.toml").read_text()
    assert old in text
    (tmp_path / "tinyml.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ProjectError, match=words):
        project.find(tmp_path)
