"""The labelling page, asked over HTTP as a browser does, and by others who must not see it."""

import re
import subprocess

import pytest

from tests.labelling.made import data_set, model
from tests.support.targets import require_tool
from tinyml.labelling import Work
from tinyml.labelling.page import LabelPage

httpx = pytest.importorskip("httpx", reason="needs httpx: pip install '.[dev]'")
pytest.importorskip("starlette", reason="needs Starlette: pip install '.[serve]'")


@pytest.fixture
def page(tmp_path):
    made = LabelPage(Work(data_set(tmp_path)), model())
    thread = made.site.start()
    yield made
    made.site.stop()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def browser(page):
    with httpx.Client(base_url=f"http://127.0.0.1:{page.site.port}") as client:
        answer = client.get("/", params={"token": page.site.token}, follow_redirects=True)
        assert answer.status_code == 200 and page.site.token not in answer.text
        yield client


def fields(answer):
    """Hidden fields of the first form."""
    found = re.findall(r'name="(\w+)" value="([^"]*)"', answer.text.split("</form>")[0])
    return dict(found)


def mark(browser, name, start, end, label, **changes):
    shown = browser.get("/recording", params={"name": name})
    form = {**fields(shown), "start": start, "end": end, "label": label, **changes}
    return browser.post("/mark", data=form, follow_redirects=True)


def test_a_stretch_is_marked_shown_and_taken_back(page, browser):
    answer = mark(browser, "run0.csv", "40", "50", "hit")
    assert answer.status_code == 200 and "40 s" in answer.text
    assert [span.label for span in page.work.spans("run0.csv")] == ["hit"]
    browser.post("/undo", data=fields(answer))
    assert page.work.spans("run0.csv") == ()


def test_what_the_model_proposes_is_saved_when_it_is_accepted(page, browser):
    shown = browser.get("/recording", params={"name": "run0.csv"})
    assert "The model proposes" in shown.text
    form = next(f for f in shown.text.split("<form") if 'aria-label="accept hit' in f)
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    browser.post("/mark", data=given)
    (span,) = page.work.spans("run0.csv")
    assert span.label == "hit" and span.by.startswith("model, score")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"end": "61"}, "must lie between 0 s and 60 s"),
        ({"start": "x"}, "must lie between"),
        ({"label": "<b>"}, "is not known"),
        ({"name": "../../etc/passwd"}, "is not known"),
    ],
)
def test_a_wrong_mark_is_answered_with_a_sentence(page, browser, changes, said):
    given = {"name": "run0.csv", "start": "1", "end": "2", "label": "hit", **changes}
    form = {**fields(browser.get("/recording", params={"name": "run0.csv"})), **given}
    answer = browser.post("/mark", data=form)
    assert answer.status_code in (404, 409) and said in answer.text
    assert "<b>" not in answer.text
    assert page.work.spans("run0.csv") == ()


def test_of_two_windows_the_older_one_is_told(page, browser):
    old = fields(browser.get("/recording", params={"name": "run0.csv"}))
    mark(browser, "run0.csv", "1", "2", "hit")
    late = browser.post("/mark", data={**old, "start": "5", "end": "6", "label": "idle"})
    assert late.status_code == 409 and "Nothing was saved" in late.text
    assert [span.label for span in page.work.spans("run0.csv")] == ["hit"]


def test_strangers_see_nothing(page, browser):
    address = f"http://127.0.0.1:{page.site.port}"
    assert httpx.get(address).status_code == 403
    assert httpx.get(address, params={"token": "wrong"}).status_code == 403
    assert httpx.get(address, cookies={f"tinyml-{page.site.port}": "x"}).status_code == 403
    rebound = browser.get("/", headers={"host": f"evil.example:{page.site.port}"})
    assert rebound.status_code == 403


@pytest.mark.parametrize("wrong", [{"form_token": "x"}, {"form_token": ""}])
def test_a_form_of_another_page_is_refused(page, browser, wrong):
    answer = mark(browser, "run0.csv", "1", "2", "hit", **wrong)
    assert answer.status_code == 403 and page.work.spans("run0.csv") == ()


def test_a_form_from_another_origin_is_refused(page, browser):
    given = fields(browser.get("/recording", params={"name": "run0.csv"}))
    form = {**given, "start": "1", "end": "2", "label": "hit"}
    answer = browser.post("/mark", data=form, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403 and page.work.spans("run0.csv") == ()


def test_every_answer_forbids_what_it_does_not_need(page, browser):
    for path in ("/", "/recording?name=run0.csv", "/static/label.js", "/nothing"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    text = browser.get("/recording", params={"name": "run0.csv"}).text
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text)
    assert " style=" not in text and "onclick" not in text


def test_views_stay_within_the_recording(browser):
    for view in ({"from": "-5", "to": "1e9"}, {"from": "59.99"}, {"from": "x", "to": "nan"}):
        assert browser.get("/recording", params={"name": "run1.csv", **view}).status_code == 200


def test_a_name_that_is_html_stays_text(browser):
    answer = browser.get("/recording", params={"name": "<script>alert(1)</script>"})
    assert answer.status_code == 404 and "<script>alert" not in answer.text


def test_a_browser_runs_the_pages_script(page, tmp_path):
    chromium = require_tool("chromium")
    url = f"http://127.0.0.1:{page.site.port}/recording?name=run0.csv&token={page.site.token}"
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         f"--user-data-dir={tmp_path}", "--virtual-time-budget=3000", url],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert 'class="choice"' in done.stdout  # which label.js adds


def test_sounds_are_played_from_the_middle(tmp_path):
    from tinyml.labelling.page import _range

    assert _range("bytes=10-19", 100) == (10, 19)
    assert _range("bytes=10-", 100) == (10, 99)
    assert _range("bytes=90-200", 100) == (90, 99)
    assert _range("", 100) == _range("bytes=100-", 100) == _range("items=1-2", 100) == (0, 99)
