"""Suites that spell out far more than their files hold: refused, or read, without taking all day over it.

How long that takes isn't asked, as this would depend on the machine; how much is looked at is.
"""

import difflib
import itertools

import pytest

from bench.errors import InputError, nearest
from bench.suite import load
from bench.suite.bounds import MAX_WEIGHT, weight
from bench.suite.faults import MOST

HEAD = "data: digits\nmodels: [simple_cnn]\n"


@pytest.fixture
def write(tmp_path):
    """Writes a suite."""

    def write(text):
        path = tmp_path / "s.yaml"
        path.write_text(text)
        return path

    return write


def refused(path):
    with pytest.raises(InputError) as raised:
        load(path)
    return [str(fault).removeprefix(f"{path}:") for fault in raised.value.faults]


def axes(variants, *excludes):
    lines = [f"    {axis}: [{', '.join(map(str, values))}]" for axis, values in variants.items()]
    return "\n".join([f"{HEAD}variants:", "  axes:", *lines, "  exclude:", *(f"  - {one}" for one in excludes)])


def test_excludes_take_out_what_each_of_them_names(write):
    values = {"prefetch": range(12), "map": range(1, 9), "xla": ["on", "off"]}
    excludes = ["{prefetch: 3}", "{map: 2, xla: on}", "{prefetch: 5, map: 5, xla: off}", "{prefetch: 3, map: 1}"]
    names = {variant.name for variant in load(write(axes(values, *excludes))).variants}
    wanted = {
        f"prefetch={prefetch},map={map_},xla={xla}"
        for prefetch, map_, xla in itertools.product(range(12), range(1, 9), ("on", "off"))
        if not (prefetch == 3 or (map_ == 2 and xla == "on") or (prefetch, map_, xla) == (5, 5, "off"))
    }
    assert names == wanted


def test_thousands_of_excludes_of_thousands_of_combinations(write):
    values = {"prefetch": range(50), "map": range(1, 100), "xla": ["on", "off"]}
    excludes = [f"{{prefetch: {one % 50}, map: {one % 99 + 1}}}" for one in range(1000)]
    suite = load(write(axes(values, *excludes)))
    assert len(suite.variants) == 2 * (50 * 99 - 1000)


def test_an_exclude_tells_0_from_off_and_1_from_a_float(write):
    told = refused(write(axes({"prefetch": [0, 1], "xla": ["on", "off"]}, "{prefetch: off}", "{prefetch: 1.0}")))
    assert [line.partition(";")[0] for line in told] == [
        "8: the exclude matches nothing: 'prefetch' is never false (off)",
        "9: the exclude matches nothing: 'prefetch' is never 1.0",
    ]


def test_combinations_that_share_a_long_text(write):
    text = HEAD + f"variants:\n  base: {{batch_map: '{'x' * 20_000}'}}\n  axes:\n    prefetch: {list(range(1000))}\n"
    (told,) = refused(write(text))
    assert told.startswith("5: the 1,000 combinations come to more than 16 million characters, written out; ")


def test_a_long_value_makes_a_name_that_is_too_long_and_no_more(write):
    text = HEAD + f"variants:\n  axes:\n    batch_map: ['{'x' * 5000}:f']\n"
    assert any("is longer than 100 characters" in told for told in refused(write(text)))


def test_models_that_each_change_a_large_section(write):
    phases = ", ".join(f"{{name: p{number}, epochs: 1}}" for number in range(600))
    models = "".join(f"- {{name: m{number}, network: simple_cnn, train: {{epochs: 2}}}}\n" for number in range(900))
    (told,) = refused(
        write(f"data: digits\nvariants: [notebook]\ntrain: {{epochs: 1, phases: [{phases}]}}\nmodels:\n{models}")
    )
    assert told == "3: 900 models each change a 'train' that is too large for that; split the suite into several"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a: &a '" + "x" * 60_000 + "'\nb: [" + "*a, " * 100 + "]", "aliases expand to more than 4 million characters"),
        (
            "a: &a {" + ", ".join(f"k{n}: 1" for n in range(600)) + "}\nb: {<<: [" + "*a, " * 200 + "]}",
            "aliases expand to more than 100,000 values",
        ),
        (
            "a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 7)),
            "aliases expand to more than 100,000 values",
        ),
    ],
    ids=["text", "merged", "nested"],
)
def test_aliases_that_stand_for_too_much(write, line, words):
    (told,) = refused(write(f"{HEAD}variants: [notebook]\n{line}\n"))
    assert words in told


@pytest.mark.parametrize(
    "lines",
    [
        "".join(f"k{number}: 1\n" for number in range(400)) + "variants: [notebook]",
        f"variants: [{', '.join(f'notebok{number}' for number in range(400))}]",
        f"variants: [notebook]\nbatch_sizes: [{', '.join(f'x{number}' for number in range(400))}]",
        axes({"prefetch": range(300)}, *(f"{{prefetch: x{number}}}" for number in range(400))).removeprefix(HEAD),
    ],
    ids=["keys", "variants", "numbers", "excludes"],
)
def test_hundreds_of_faults_are_not_all_looked_for(write, lines):
    told = refused(write(f"{HEAD}{lines}\n"))
    assert len(told) == MOST + 1
    assert told[-1].endswith("there may be more that is wrong; mend these first")


def test_an_import_path_is_looked_for_once(write, monkeypatch):
    from bench.suite import faults

    asked = []
    monkeypatch.setattr(faults, "import_fault", lambda path, folder: asked.append(path))
    rates = [number / 1e6 for number in range(1, 200)]
    models = f"{{axes: {{network: ['a:f', 'b:f'], learning_rate: {rates}}}}}"
    load(write(f"data: digits\nvariants: [notebook]\nmodels: {models}\n"))
    assert sorted(asked) == ["a:f", "b:f"]


def test_names_that_nobody_would_type_are_not_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(
        difflib, "get_close_matches", lambda name, known, **_: compared.append((len(name), len(known))) or []
    )
    nearest("x" * 100_000, ["simple_cnn"])
    nearest("vgg16", ["y" * 100_000, *map(str, range(50_000))])
    assert all(length <= 200 and count <= 1000 for length, count in compared)


def test_weight_is_about_what_is_written():
    assert weight({"name": "abc", "values": [1, None]}) == 2 + (4 + 4 + 5) + (6 + 4 + 2 + 16)
    assert weight("x" * MAX_WEIGHT) > MAX_WEIGHT
