from bench.analyse.expectation.handout import handout
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.report.handout.table import handout_tables
from tests.records import SYNTHETIC, T4, make_record

TIMES = (
    PublishedTime(model="simple_cnn", batch_size=128, step_ms=15.0, trainable_params=128_420),
    PublishedTime(model="vgg16", batch_size=128, step_ms=75.0, trainable_params=14_765_988),
)
PROFILES = [
    HostProfile(
        id="colab-t4", label="Colab (Tesla T4)", published=Published(source="a table", ai_score=14_248, times=TIMES)
    ),
    HostProfile(id="xeon-2-cores", label="Xeon, 2 cores"),
]


def tables(*records):
    return handout_tables(handout(PROFILES, records), PROFILES)


def test_nothing_measured_no_table():
    assert tables(make_record(variant="xla", options={"xla": True})) == ()


def test_this_host_is_a_new_column():
    times, ratios, _ = tables(make_record(step_ms=30, noise=0.001), make_record("vgg16", step_ms=600, noise=0.001))
    assert [column.heading for column in times.columns] == [
        "ms/step, batch 128, 32×32×3",
        "Colab (Tesla T4)",
        "Xeon, 2 cores",
    ]
    assert times.rows[0][:2] == ("simple CNN, 128,420 trainable", "15")
    assert times.rows[0][2] == "29.998 ± 0.019"
    assert times.rows[1][:2] == ("VGG16, 14,765,988 trainable", "75")
    assert times.rows[2] == ("AI-Score", "14,248", "–")
    assert times.notes[-1].text == "AI-Score: none was measured on this host; bench calibrate measures it"
    assert ratios.rows == (
        ("Xeon, 2 cores", "simple CNN", "1/2.00 ± 7 %"),
        ("Xeon, 2 cores", "VGG16", "1/8.00 ± 5 %"),
    )


def test_a_network_that_was_not_measured_is_a_dash():
    times, ratios, _ = tables(make_record("vgg16", step_ms=600))
    assert times.rows[0][2] == "–"
    assert [row[1] for row in ratios.rows] == ["VGG16"]


def test_a_published_host_that_was_measured_too_has_both_columns():
    times, *_ = tables(make_record(host="colab-t4", device=T4))
    assert [column.heading for column in times.columns][1:] == ["Colab (Tesla T4)", "Colab (Tesla T4), measured"]


def test_a_host_without_a_profile_goes_by_its_id():
    times, *_ = tables(make_record(host="elsewhere"))
    assert times.columns[-1].heading == "elsewhere"


def test_findings_and_synthetic_images_are_noted():
    times, *_ = tables(make_record(noise=0.2, count=30, data=SYNTHETIC))
    assert times.rows[0][2].endswith(" (a)")
    notes = [f"{note.mark} {note.text}".strip() for note in times.notes]
    assert any(note.startswith("a its windows vary") for note in notes)
    assert any("images are synthetic" in note for note in notes)
    assert not any("synthetic" in note.text for note in tables(make_record())[0].notes)


def test_ratios_far_below_one_are_fractions():
    def shown(step_ms):
        return tables(make_record(step_ms=step_ms, noise=0.0001))[1].rows[0][2].partition(" ±")[0]

    assert [shown(ms) for ms in (5, 14.99, 15.01, 20, 33, 1500)] == [
        *("3.00", "1.00", "1.00", "0.75"),
        *("1/2.20", "1/100"),
    ]
