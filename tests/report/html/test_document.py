"""The file that a page is: what it may run, and how data stands in it."""

import base64
import hashlib
import json
import re
from importlib.resources import files

from bench.report.html.document import document

HARMLESS = {"page": {"text": "</script><!-- & \u2028\u2029 ± ▲"}, "runs-0": [1.5, None, float("nan")]}


def written(data, title="a <title>"):
    return b"".join(document(title, data)).decode()


def sources(page, tag):
    return re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_allows_what_the_file_was_written_with_and_nothing_else():
    page = written(HARMLESS)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    allowed = {name: values.split() for name, _, values in (part.strip().partition(" ") for part in policy.split(";"))}
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == [f"'sha256-{digest(source)}'" for source in sources(page, "script")]
    assert allowed["style-src"] == [f"'sha256-{digest(source)}'" for source in sources(page, "style")]
    assert len(allowed["script-src"]) == 2
    assert "unsafe" not in policy
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script")


def test_data_comes_back_as_it_was_and_holds_no_character_of_markup():
    page = written(HARMLESS)
    found = dict(re.findall(r'<script type="application/json" id="([^"]*)">(.*?)</script>', page, re.DOTALL))
    assert list(found) == list(HARMLESS)
    assert not set("<>&\u2028\u2029") & set("".join(found.values()))
    assert json.loads(found["page"]) == HARMLESS["page"]
    assert json.loads(found["runs-0"]) == [1.5, None, None]
    assert "<title>a &lt;title&gt;</title>" in page


def test_it_names_no_address_to_be_fetched():
    page = written(HARMLESS)
    own = page.replace(sources(page, "script")[0], "")  # the library names its licence's address, in a comment
    assert not re.findall(r"""(?:src|href)=(?!"#"|"data:,")|@import|url\(""", own.partition("<body>")[0])
    own = own.replace('"http://www.w3.org/2000/svg"', "")  # SVG's name, which nobody asks for
    assert "http://" not in own
    assert "https://" not in own


def test_the_library_is_the_one_that_its_note_tells_of():
    folder = files("bench.report.html").joinpath("vendor", "echarts")
    note = folder.joinpath("README.md").read_text()
    library = folder.joinpath("echarts.common.min.js").read_bytes()
    assert re.search(r"sha256 \| `([0-9a-f]{64})`", note)[1] == hashlib.sha256(library).hexdigest()
    version = re.search(r"echarts (\d+\.\d+\.\d+)", note)[1]
    assert f'version="{version}"'.encode() in library
    for name in re.findall(r"`((?:LICENSE|NOTICE)[\w.-]*)`", note):
        assert folder.joinpath(name).is_file()
    assert not re.search(rb"\beval\(|new Function\(|</script|<!--", library)


def test_scripts_make_text_and_never_markup():
    folder = files("bench.report.html").joinpath("static")
    scripts = {path.name: path.read_text() for path in folder.iterdir() if path.name.endswith(".js")}
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|setAttribute\(\"on|fetch\(")
    assert {name for name, text in scripts.items() if markup.search(text)} == set()
    assert len(scripts) == 17
