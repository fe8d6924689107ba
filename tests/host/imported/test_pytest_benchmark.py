import json
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.host.imported.pytest_benchmark import read_pytest_benchmark
from bench.report.export.pytest_benchmark import pytest_benchmark_json
from tests.host_trees import make_profile
from tests.records import T4, make_record

FILE = Path("theirs.json")
PUBLISHED = {("simple_cnn", 128, 128_420), ("vgg16", 128, 14_765_988)}
FOREIGN = {
    "machine_info": {
        "node": "secret-name", "machine": "x86_64", "system": "Linux", "python_implementation": "CPython",
        "python_version": "3.12.1", "cpu": {"brand_raw": "AMD Ryzen 9 7950X 16-Core Processor", "count": 32},
    },
    "commit_info": {"id": "abc", "author_time": None},
    "benchmarks": [{"name": "test_sort", "stats": {"min": 1e-3, "max": 2e-3}, "extra_info": {"size": 3}}],
    "datetime": "2026-02-03T04:05:06+00:00",
    "version": "5.3.1",
}  # fmt: skip


def ours(**changes):
    records = [make_record(), make_record("vgg16", step_ms=600), make_record(variant="xla", options={"xla": True})]
    return json.loads(pytest_benchmark_json([one.model_copy(update=changes) for one in records], [make_profile()]))


def read(data):
    return read_pytest_benchmark(json.dumps(data, indent=1), FILE, PUBLISHED)


def faults(text):
    with pytest.raises(InputError) as raised:
        read_pytest_benchmark(text, FILE, PUBLISHED)
    return [str(fault) for fault in raised.value.faults]


def test_times_of_published_cells_become_figures_unrounded():
    data = ours()
    found = read(data)
    seconds = [one["extra_info"]["step_seconds"] for one in data["benchmarks"]]
    assert [(one.model, one.step_ms) for one in found.published.times] == [
        ("simple_cnn", seconds[0] * 1e3),
        ("vgg16", seconds[1] * 1e3),
    ]
    assert found.published.source == "imported from theirs.json, not measured by us"
    assert found.published.date == "2026-01-05"
    assert found.id == "imported-xeon-2-cores"
    assert found.left == (
        "simple_cnn/xla/b128: other options, input or model than the published cells have, or an older file that "
        "doesn't say",
    )


def test_a_gpu_is_called_by_its_name_and_a_processor_is_none():
    assert read(ours()).published.gpu_name is None
    assert read(ours()).published.cpu == "Intel Xeon"
    gpu = json.loads(pytest_benchmark_json([make_record(device=T4, host="t4")], ()))
    assert (read(gpu).published.gpu_name, read(gpu).id) == ("Tesla T4", "imported-t4")


def test_of_others_benchmarks_the_machine_is_taken_and_no_time():
    found = read(FOREIGN)
    about = found.published
    assert (about.cpu, about.cores) == ("AMD Ryzen 9 7950X 16-Core Processor", 32)
    assert about.software == {"python": "CPython 3.12.1", "system": "Linux"}
    assert (about.times, about.ai_score) == ((), None)
    assert found.id == "imported-cpu-amd-ryzen-9-7950x-32c"
    assert found.left == ("test_sort: no cell of this harness, and nobody knows what work its seconds are of",)
    assert "secret-name" not in about.model_dump_json()


def test_what_gives_no_time_is_not_taken_and_said():
    data = ours()
    one, two, _ = data["benchmarks"]
    one["extra_info"]["executor"] = "replay"
    two["extra_info"]["published_cell"]["trainable_params"] = 7
    found = read(data)
    assert found.published.times == ()
    assert [why.split(": ", 1)[1][:20] for why in found.left] == [
        *("replayed or debugged", "nothing is published", "other options, input")
    ]
    data = ours()
    data["benchmarks"].insert(1, data["benchmarks"][0])
    assert "simple_cnn/notebook/b128: measured twice; the first one counts" in read(data).left


def at(text, line):
    return text.splitlines()[int(line) - 1]


def changed(change):
    data = ours()
    change(data)
    return json.dumps(data, indent=1)


@pytest.mark.parametrize(
    ("text", "said", "there"),
    [
        ('{"benchmarks": [],\n "machine_info": ', "is no JSON: expecting value", '"machine_info"'),
        ("[" * 100_000, "is no JSON that anyone meant", None),
        ('{"benchmarks": ' + "9" * 5000 + ', "machine_info": {}}', "is no JSON that anyone meant", None),
        ("[]", "no file of pytest-benchmark", None),
        ('{"dashboard": 1}', "no file of pytest-benchmark", None),
        ('{"machine_info": {}, "benchmarks": []}', "says of no machine what it is", "machine_info"),
        (changed(lambda it: it["machine_info"].update(cpu=[])), "machine_info.cpu: ", '"cpu": []'),
        (changed(lambda it: it["benchmarks"][1]["extra_info"].update(step_seconds=-1)), "greater than 0", "-1"),
        (
            changed(lambda it: it["benchmarks"][1]["extra_info"].update(step_seconds=1e-6)),
            "outside of its own rounds",
            "1e-06",
        ),
        (changed(lambda it: it["benchmarks"][0]["extra_info"].update(step_seconds=float("nan"))), "finite", "NaN"),
        (
            changed(lambda it: it["benchmarks"][0]["extra_info"].update(host="b")),
            "on several hosts: b, xeon-2-cores",
            None,
        ),
        (changed(lambda it: it["benchmarks"][0]["extra_info"].update(step_seconds=1e-40)), "greater than", "1e-40"),
        (changed(lambda it: it["machine_info"]["cpu"].update(count=10**30)), "machine_info.cpu.count: ", "0000"),
        (changed(lambda it: it["benchmarks"][0].pop("name")), "benchmarks.0.name: field required", None),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_what_is_damaged_is_one_clear_fault_with_its_line(text, said, there):
    (found,) = faults(text)
    assert found.startswith("theirs.json:")
    assert said in found
    if there is not None:
        assert there in at(text, found.split(":")[1])
