"""What the doctor says is not known yet of a machine."""

from bench.host.doctor.host import host_checks
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, Noise, Peak, Roof
from bench.host.profile import HostProfile, Published
from bench.host.registry import Recognised, recognise, remember

HARDWARE = Hardware(kind="cpu", cpu="a CPU", cores=2, memory_bytes=2**34, system="linux")
DAY = "2026-01-05"
SCORED = AiBenchmark(version="0.1.2", date=DAY, ai_score=1918, seconds=1300.0)
MEASURED = {
    "ai_benchmark": {"full": SCORED},
    "peaks": {"float32": Peak(flops_per_second=2e11, low=1.9e11, high=2.1e11, date=DAY)},
    "roofs": {"device_bandwidth": Roof(value=1e10, low=9e9, high=1.1e10, date="2026-01-06", of="copies")},
    "noise": Noise(date=DAY, in_turns=0.01, apart=0.08, rounds=24),
}


def looked(here):
    return {one.what.removeprefix("host: "): one for one in host_checks(here)}


def test_a_new_machine_is_told_each_command_that_makes_it_known(tmp_path):
    checks = looked(recognise(tmp_path, HARDWARE))
    assert (checks["id"].state, checks["id"].found) == (
        "fine",
        "cpu-a-2c (a, 2 cores), new: nothing was measured on it yet",
    )
    assert checks["AI-Score"].found == "not measured: it would compare this machine with others"
    assert "no saying what times to expect here" in checks["roofs"].found
    assert {name: one.mend for name, one in checks.items() if one.state == "limited"} == {
        "AI-Score": "bench calibrate",
        "roofs": "bench calibrate --roofs",
        "noise": "bench selftest",
    }


def test_a_machine_that_is_known_throughout(tmp_path):
    profile = recognise(tmp_path, HARDWARE).profile
    remember(tmp_path, profile.model_copy(update=MEASURED))
    checks = looked(recognise(tmp_path, HARDWARE))
    assert {one.state for one in checks.values()} == {"fine"}, checks
    assert checks["AI-Score"].found == f"1,918, measured {DAY}"
    assert checks["roofs"].found == "products in float32, and 1 more, measured 2026-01-06"
    assert checks["noise"].found == f"equal cells differ by 8.0% one after another, 1.0% interleaved ({DAY})"


def test_scores_that_failed_or_are_only_published():
    failed = SCORED.model_copy(update={"ai_score": None, "absent": "1 of 42 tests failed: VGG-16"})
    profile = HostProfile(id="mine", label="Mine", hardware=HARDWARE, ai_benchmark={"full": failed})
    check = looked(Recognised(profile, False))["AI-Score"]
    assert (check.state, check.found) == ("limited", f"none: 1 of 42 tests failed: VGG-16 ({DAY})")
    published = HostProfile(id="t4", label="T4", published=Published(source="a course", ai_score=14248))
    checks = looked(Recognised(published, True))
    assert "but 14,248 published" in checks["AI-Score"].found
    assert checks["AI-Score"].found.endswith("and narrow down what times to expect here")
    assert "expect" not in checks["roofs"].found


def test_another_machine_behind_an_id(tmp_path):
    remember(tmp_path, recognise(tmp_path, HARDWARE, "mine").profile)
    other = HARDWARE.model_copy(update={"cores": 8})
    check = looked(recognise(tmp_path, other, "mine"))["id"]
    assert (check.state, "the machine behind mine has changed" in check.found) == ("limited", True)
    assert "results go under mine-2" in check.found
    assert "--host" in check.mend
    remember(tmp_path, recognise(tmp_path, other, "mine").profile)
    assert looked(recognise(tmp_path, other, "mine"))["id"].found.startswith("mine-2 (")
