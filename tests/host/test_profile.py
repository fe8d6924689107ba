import stat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.errors import InputError
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, Roof
from bench.host.profile import HostProfile, Published, load, save
from bench.support.plain_text import plain_text
from bench.support.resources import shipped_folder

GOOD = """\
schema_version: 1
id: box
label: Box
published:
  source: somewhere
  ai_score: 100
  times:
  - model: vgg16
    batch_size: 128
    step_ms: 75
    trainable_params: 14765988
"""


def faults(path):
    with pytest.raises(InputError) as caught:
        load(path)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "label", "ai_score", "simple_cnn", "vgg16"),
    [
        ("colab-t4", "Colab (Tesla T4)", 14248, 15, 75),
        ("kaggle-p100", "Kaggle (Tesla P100)", 20983, 15, 53),
        ("rtx-2080-ti", "RTX 2080 Ti", 28368, 7, 28),
    ],
)
def test_the_shipped_reference_hosts_carry_the_published_table(name, label, ai_score, simple_cnn, vgg16):
    profile = load(shipped_folder("hosts") / f"{name}.yaml")
    assert profile.label == label
    assert profile.published.ai_score == ai_score
    assert "handout" in profile.published.source
    times = profile.published.times
    assert [(time.model, time.variant, time.batch_size, time.step_ms, time.trainable_params) for time in times] == [
        ("simple_cnn", "notebook", 128, simple_cnn, 128_420),
        ("vgg16", "notebook", 128, vgg16, 14_765_988),
    ]


def test_a_shipped_file_is_what_saving_would_write(tmp_path):
    for path in shipped_folder("hosts").glob("*.yaml"):
        save(load(path), tmp_path / path.name)
        assert (tmp_path / path.name).read_text() == path.read_text()


def test_saving_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "hosts" / "box.yaml"
    profile = HostProfile(id="box", label="Box", published=Published(source="x"))
    save(profile, path)
    save(profile, path)
    assert [file.name for file in path.parent.iterdir()] == ["box.yaml"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.read_text().startswith("schema_version: 5\nid: box\nlabel: Box\n")


def test_saving_where_nothing_can_be_written(tmp_path):
    (tmp_path / "hosts").write_text("a file")
    with pytest.raises(InputError, match=r"box\.yaml: the host profile can't be written .*--root"):
        save(HostProfile(id="box", label="Box"), tmp_path / "hosts" / "box.yaml")


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
numbers = st.from_regex(r"[-+]?[0-9.]{1,6}([eE][-+]?[0-9]{1,2})?|yes|off|null|~|<<", fullmatch=True)


@given(label=words | numbers, driver=words | numbers)
@example(label="1e5", driver="\x85")
def test_any_text_survives_its_file(tmp_path_factory, label, driver):
    hardware = Hardware(kind="gpu", gpu_driver=driver, cpu=label, cores=1, memory_bytes=1, system="linux")
    profile = HostProfile(id="box", label=label, hardware=hardware)
    path = tmp_path_factory.mktemp("profile") / "box.yaml"
    save(profile, path)
    read = load(path)
    # what isn't seen is written out, and all else is as it was
    assert (read.label, read.hardware.gpu_driver) == (plain_text(label), plain_text(driver))


def test_every_fault_is_told_with_its_line(tmp_path):
    path = tmp_path / "box.yaml"
    text = GOOD.replace("ai_score: 100", "ai_scroe: 100").replace("step_ms: 75", "step_ms: fast")
    path.write_text(text.replace("label: Box", "label: Box\nlabel: Again"))
    told = faults(path)
    assert len(told) == 3
    assert told[0].startswith(f"{path}:4: the key 'label' stands twice")
    assert f"{path}:7: published.ai_scroe: no such key; did you mean 'ai_score'?" in told
    assert any(
        line.startswith(f"{path}:11: published.times.0.step_ms: input should be a valid number") for line in told
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("label: Box\n", ""), ":1: label is missing"),
        (GOOD.replace("id: box", "id: other"), ":2: id: 'other' is not the file's name; 'box'"),
        (GOOD.replace("id: box", "id: ../box"), ":2: id: string should match pattern"),
        (GOOD.replace("schema_version: 1", "schema_version: 6"), ":1: is a host profile of version 6"),
        (
            GOOD.replace("step_ms: 75", "step_ms: -1"),
            ":10: published.times.0.step_ms: input should be greater than 0",
        ),
        ("", ": is empty"),
        ("- a\n", ":1: must hold a mapping"),
    ],
)
def test_single_faults(tmp_path, text, expected):
    path = tmp_path / "box.yaml"
    path.write_text(text)
    told = faults(path)
    assert len(told) == 1
    assert told[0].startswith(f"{path}{expected}")


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_profile_of_an_older_version_is_read_as_it_is(tmp_path, version):
    path = tmp_path / "box.yaml"
    path.write_text(GOOD.replace("schema_version: 1", f"schema_version: {version}"))
    profile = load(path)
    assert (profile.ai_score, profile.ai_benchmark, profile.roofs) == (100, {}, {})
    save(profile, path)
    assert path.read_text().startswith("schema_version: 5\n")
    assert load(path) == profile.model_copy(update={"schema_version": 5})


WHOLE = AiBenchmark(
    version="0.1.2",
    date="2026-01-05",
    software={"tensorflow": "2.21.0"},
    ai_score=1918,
    inference_score=824,
    training_score=1094,
    seconds=1320.5,
    peak_memory_bytes=7_838_315_315,
    foreign_cpu_share=0.013,
    milliseconds={"SRCNN 9-5-5 inference 1×1536×1536×3": 1786.4},
)
PARTIAL = AiBenchmark(
    version="0.1.2", date="2026-01-05", seconds=1.0, absent="1 of 42 tests failed: U-Net", failed={"U-Net": "killed"}
)


@pytest.mark.parametrize(
    ("measured", "published", "score"),
    [
        ({"full": WHOLE}, 100, 1918),
        ({"full": PARTIAL}, 100, 100),
        ({"micro": WHOLE.model_copy(update={"ai_score": None})}, 100, 100),
        ({"full": PARTIAL}, None, None),
        ({}, None, None),
    ],
)
def test_the_ai_score_is_that_which_was_measured_else_that_which_was_published(measured, published, score):
    given = None if published is None else Published(source="x", ai_score=published)
    assert HostProfile(id="box", label="Box", published=given, ai_benchmark=measured).ai_score == score


def test_what_was_measured_survives_its_file(tmp_path):
    path = tmp_path / "box.yaml"
    profile = HostProfile(
        id="box",
        label="Box",
        ai_benchmark={"full": WHOLE, "micro": PARTIAL},
        roofs={"map": Roof(value=1e5, low=9e4, high=1.1e5, date="2026-01-05", of="2 threads")},
        roofs_absent={"file_read": "no file can be written where results lie"},
    )
    save(profile, path)
    assert load(path) == profile
    assert "SRCNN 9-5-5 inference 1×1536×1536×3: 1786.4" in path.read_text()


COSTS = """\
price: {per_hour: 0.35, currency: EUR, source: the lab's bill, date: "2026-01-31"}
grid: {kg_co2_per_kwh: 0.38, source: the grid's operator, date: "2025-12-31"}
quota: {hours: 30, per: week, source: the service's page}
"""


def test_what_an_hour_costs_has_its_source_and_day(tmp_path):
    path = tmp_path / "box.yaml"
    path.write_text(GOOD + COSTS + "costs_absent: {grid: nobody knew}\n")
    profile = load(path)
    assert (profile.price.per_hour, profile.price.currency, profile.price.date) == (0.35, "EUR", "2026-01-31")
    assert (profile.grid.kg_co2_per_kwh, profile.quota.hours, profile.quota.per) == (0.38, 30, "week")
    save(profile, path)
    assert load(path) == profile.model_copy(update={"schema_version": 5})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("0.38", "380", ":13: grid.kg_co2_per_kwh: no grid emits so much; kilograms, such as 0.38 for 380 g"),
        ("0.38", "0", ":13: grid.kg_co2_per_kwh: input should be greater than 0"),
        ("2026-01-31", "31.1.2026", ":12: price.date: is no day; write it as 2026-01-31, in quotes"),
        ("per: week", "per: year", ":14: quota.per: input should be 'session', 'day', 'week' or 'month'"),
        (", source: the service's page", "", ":14: quota.source is missing"),
        ("currency:", "curency:", ":12: price.curency: no such key; did you mean 'currency'?"),
        ("{hours: 30, per: week, source: the service's page}", "30", ":14: quota: must be a mapping; write quota: {"),
    ],
)
def test_costs_that_can_not_be(tmp_path, before, after, expected):
    path = tmp_path / "box.yaml"
    path.write_text(GOOD + COSTS.replace(before, after))
    (told,) = faults(path)
    assert told.startswith(f"{path}{expected}")


def test_shipped_hosts_say_why_they_have_no_figure():
    for name in ("colab-t4", "kaggle-p100"):
        profile = load(shipped_folder("hosts") / f"{name}.yaml")
        assert set(profile.costs_absent) == {"price", "grid", "quota"}
