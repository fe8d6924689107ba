"""The page as its readers have it, in a real browser."""

import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.report.html.conftest import PATIENCE, PLANTED


def cells(page):
    return page.locator("table.cells tbody th").all_inner_texts()


def column(page, heading):
    place = page.locator("table.cells thead th").all_inner_texts().index(heading)
    return [row.locator("th, td").nth(place).inner_text() for row in page.locator("table.cells tbody tr").all()]


def drawn(page):
    """Titles of the charts, once each was drawn."""
    for one in page.locator("#charts figure").all():
        one.scroll_into_view_if_needed()
        one.locator("svg").wait_for()
    return page.locator("#charts figcaption h3").all_inner_texts()


def test_it_loads_with_the_answer_first_and_asks_for_nothing(tab, written):
    page = tab.open(written)
    assert page.locator("h2").all_inner_texts() == ["The answer", "All cells", "Charts"]
    answer = page.locator("#answer")
    assert "simple CNN 16 ms/step" in answer.inner_text()
    assert "change precision to mixed_bfloat16" in answer.inner_text()
    assert 'keras.config.set_dtype_policy("mixed_bfloat16")' in answer.inner_text()
    assert page.locator("#count").inner_text() == "24 of 24 cells"
    assert drawn(page) == [
        "Speed-up of each variant",
        "Hosts side by side",
        "Bottleneck of each step",
        "What accuracy costs",
        "Roofline of Colab (Tesla T4)",
        "Roofline of Xeon, 2 cores",
        "Learning curves",
    ]
    assert tab.said == []
    assert tab.asked == [written.as_uri()]


def test_a_heading_sorts_and_cells_without_a_figure_stand_last(tab, written):
    page = tab.open(written)
    page.locator("#sort-speedup").click()
    texts = [text for text in column(page, "speed-up▼") if text != "–"]
    values = [float(text.split()[0]) for text in texts]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) > 3
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("#sort-speedup").click()
    assert [float(text.split()[0]) for text in column(page, "speed-up▲") if text != "–"] == values[::-1]
    assert column(page, "speed-up▲")[-1] == "–"


def test_filters_narrow_table_and_charts_and_stand_in_the_address(tab, written):
    page = tab.open(written)
    page.get_by_label("search").fill("vgg16 xla")
    assert cells(page) == ["vgg16/xla/b128"]
    page.get_by_label("search").fill("")
    page.locator("#filter-finding").select_option("noisy")
    found = cells(page)
    assert 0 < len(found) < 24
    assert all("noisy" in text for text in column(page, "findings"))
    assert "finding=noisy" in page.url
    page.get_by_role("button", name="Clear").click()
    page.locator("#filter-suite").select_option("loops")
    # not wait_for_function: that polls by eval, which the page's policy refuses
    expect(page.locator("#charts figure")).to_have_count(2, timeout=PATIENCE)
    assert drawn(page) == ["Bottleneck of each step", "Roofline of Xeon, 2 cores"]


def test_a_shared_link_leads_to_the_same_view(tab, written):
    page = tab.open(written, "#q=compact&sort=-held_out_accuracy&columns=batch,held_out_accuracy")
    assert page.get_by_label("search").input_value() == "compact"
    headings = page.locator("table.cells thead th").all_inner_texts()
    assert headings == ["cell", "batch", "held-out accuracy, %▼", "findings"]
    assert column(page, "batch")[0] == "32"


def test_a_record_is_opened_shared_and_left(tab, chromium, written):
    page = tab.open(written)
    page.get_by_role("link", name="simple_cnn/prefetch_0/b128").click()
    assert page.locator("#run-title").inner_text() == "simple_cnn/prefetch_0/b128"
    assert page.evaluate("document.activeElement.id") == "run-title"
    shown = page.locator("#run").inner_text()
    assert "bench run suites/cnn.yaml --only simple_cnn/prefetch_0/b128" in shown
    for told in ("tensorflow", "2.21.0", "8500", "prefetch", "round", "max_seconds", "5f0c"):
        assert told in shown
    assert page.locator("#run figcaption h3").all_inner_texts() == ["Windows over time", "This cell over its runs"]
    page.locator("#run figure summary").first.click()
    page.locator("#run figure tbody tr").last.wait_for()
    assert page.locator("#run figure tbody tr").count() == 12
    other = chromium.new_page()
    other.goto(page.url)
    assert other.locator("#run-title").inner_text() == "simple_cnn/prefetch_0/b128"
    other.close()
    page.get_by_role("link", name="2026-01-05T10:00:00+00:00").click()
    page.get_by_text("not the newest run of its cell").wait_for()
    page.go_back()
    page.go_back()
    assert page.locator("#overview").is_visible()
    assert page.locator("#run").is_hidden()
    assert tab.said == []


def test_the_keyboard_alone_is_enough(tab, written):
    page = tab.open(written)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("vgg16 crashed")
    assert cells(page) == ["vgg16/everything/b128"]
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "sort-step_seconds":
            break
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=ascending]").count() == 1
    assert page.evaluate("document.activeElement.id") == "sort-step_seconds"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "vgg16/everything/b128":
            break
    page.keyboard.press("Enter")
    page.get_by_text("killed by signal 9 (SIGKILL) | <no trace>").wait_for()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "back"
    page.keyboard.press("Enter")
    page.locator("#overview").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "vgg16/everything/b128"


def test_a_strangers_markup_stays_text(tab, written):
    page = tab.open(written, "#suite=strange")
    shown = page.locator("table.cells tbody").inner_text()
    assert PLANTED.split("&")[0] in shown
    assert "\u202e" not in page.content()
    for name in page.locator("table.cells tbody a").all_inner_texts():
        page.get_by_role("link", name=name, exact=True).first.click()
        page.locator("#run-title").wait_for()
        page.go_back()
    assert page.title() == "bench: results"
    assert page.locator("img").count() == 0
    assert page.locator("script:not([type])").count() == 2
    assert tab.said == []


def test_no_script_but_its_own_may_run(tab, written):
    page = tab.open(written)
    page.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'document.title = \"ran\"';"
        " document.body.append(one); }"
    )
    assert page.title() == "bench: results"
    assert any("Content Security Policy" in text for text in tab.said)


@pytest.mark.parametrize(("view", "scheme"), [("overview", "light"), ("overview", "dark"), ("run", "dark")])
def test_nothing_serious_stands_in_the_way_of_anyone(tab, written, scheme, view):
    tab.page.emulate_media(color_scheme=scheme)
    page = tab.open(written)
    if view == "run":
        page.get_by_role("link", name="compact/notebook/b128/s0").click()
    else:
        drawn(page)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []


def test_a_narrow_screen_scrolls_its_tables_and_nothing_else(tab, written):
    tab.page.set_viewport_size({"width": 390, "height": 800})
    page = tab.open(written)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="compact/notebook/b128/s0").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_records_view_draws_its_network_and_has_the_table_of_its_layers(tab, written):
    page = tab.open(written)
    page.get_by_label("search").fill("strange onerror")
    page.locator("table.cells tbody th a", has_text="</script>").first.click()
    drawn = page.get_by_role("img", name="Drawing of the network: 11 layers in 5 boxes")
    expect(drawn.locator(".net-frame")).to_have_count(1)
    assert drawn.locator(".net-label").text_content() == "× 3"
    assert drawn.locator(".net-title").all_text_contents()[2:] == ["Conv2D 3×3, 8", "Add", "Dense"]
    assert "<script>" in drawn.locator(".net-title").nth(1).text_content()
    assert drawn.locator(".net-convolution").first.evaluate("one => getComputedStyle(one).stroke") == "rgb(0, 114, 178)"
    page.get_by_text("Table of its layers").click()
    rows = page.get_by_role("region", name="Layers", exact=True).locator("tbody tr")
    expect(rows).to_have_count(10)
    assert rows.last.inner_text().split()[:3] == ["in", "all", "76"]
    violations = Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical")] == []
    assert page.title() != "planted"
    assert tab.said == []


def test_a_record_without_a_network_says_so(tab, written):
    page = tab.open(written)
    page.locator("table.cells tbody th a", has_text="simple_cnn/prefetch_0").first.click()
    page.get_by_text("Its layers are not told of: this record has none, as those of earlier versions.").wait_for()


def test_a_page_with_networks_is_written_without_tensorflow_and_matplotlib(written, tmp_path):
    code = (
        "import sys; from pathlib import Path; from bench.report.html.write import write_page\n"
        "page = write_page(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "assert b'id=\"network-' in page.read_bytes()\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, written.parents[1], tmp_path / "page.html"], check=True)
