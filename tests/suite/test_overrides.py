"""`--set a.b=c`."""

from __future__ import annotations

import pytest

from bench.suite import Options

SUITE = """
data: digits
models: [simple_cnn, vgg16]
variants: {notebook: , xla: {xla: on}, v1.5: {cache: file}}
protocol: {max_seconds: 8}
"""


def test_values_are_laid_over_in_turn(suite_of):
    suite = suite_of(
        SUITE,
        "protocol.max_seconds=9",
        "protocol.max_seconds=10",
        "batch_sizes=[64, 128]",
        "batch_sizes.0=32",
        "title=a=b",
    )
    assert suite.protocol.max_seconds == 10
    assert suite.batch_sizes == (32, 128)
    assert suite.title == "a=b"


def test_inside_what_the_file_leaves_out_or_writes_short(suite_of):
    suite = suite_of(
        SUITE, "train.epochs=3", "data.held_out=0.5", "variants.notebook.cache=memory", "data.subset=[1, 2]"
    )
    assert suite.train is not None
    assert suite.train.epochs == 3
    assert (suite.data.name, suite.data.held_out, suite.data.subset) == ("digits", 0.5, (1, 2))
    assert suite.variants[0].options == Options(cache="memory")


def test_models_and_variants_by_name_and_by_position(suite_of):
    text = "data: digits\nmodels: [simple_cnn, {network: VGG16, name: v}]\nvariants: [notebook, everything]\n"
    suite = suite_of(text, "models.v.freeze=2", "models.0.freeze=1", "variants.everything.pixels=float32")
    assert [model.freeze for model in suite.models] == [1, 2]
    assert [model.name for model in suite.models] == ["simple_cnn", "v"]
    everything = suite.variants[1].options
    assert (everything.pixels, everything.precision) == ("float32", "auto")


def test_a_name_that_holds_points(suite_of):
    assert suite_of(SUITE, "variants.v1.5.cache=memory").variants[2].options == Options(cache="memory")


def test_a_whole_variant_may_be_new(suite_of):
    suite = suite_of(SUITE, "variants.mine={xla: on, cache: memory}", "baseline=mine")
    assert suite.variants[-1].options == Options(xla=True, cache="memory")


def test_axes(suite_of):
    text = "data: digits\nmodels: [simple_cnn]\nvariants: {axes: {cache: [none, memory]}}\n"
    suite = suite_of(text, "variants.axes.xla=[on, off]", "variants.base.pixels=float32", "variants.axes.cache.1=file")
    assert [variant.name for variant in suite.variants] == [
        *("cache=none,xla=on", "cache=none,xla=off", "cache=file,xla=on", "cache=file,xla=off"),
    ]
    assert suite.variants[0].options.pixels == "float32"


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("protocol.max_second=10", "unknown key 'max_second' in 'protocol'; did you mean 'max_seconds'?"),
        ("protocl.max_seconds=1", "unknown key 'protocl'; did you mean 'protocol'?"),
        ("protocol=5", "'protocol' must be a mapping, is 5"),
        ("variants.xla.xla=maybe", "'xla' must be on, off or 'auto', is the text 'maybe'"),
        ("variants.xls.xla=off", "'variants' has no 'xls'; did you mean 'xla'?"),
        ("models.vg16.freeze=1", "'models' has no 'vg16'; did you mean 'vgg16'?"),
        ("models.7=vgg16", "'models' has no '7'; known: simple_cnn, vgg16"),
        ("models.vgg16=vgg19", "unknown network 'vgg19'; did you mean 'VGG19'?"),
        ("seeds=1", "'seeds' must be a list, is 1; write [1]"),
        (
            "seeds=[1",
            "not YAML: expected ',' or ']', but got '<stream end>'; "
            "a bracket or brace is not closed, or a comma is missing",
        ),
        ("data.name.x=1", "'data.name' is the text 'digits': nothing can be set in it; write data.name=VALUE"),
        ("baseline=", "'baseline' must be text, is empty (null)"),
        ("title", "'title' sets nothing; write KEY=VALUE or KEY.KEY=VALUE"),
        ("=1", "'=1' sets nothing; write KEY=VALUE or KEY.KEY=VALUE"),
        ("a..b=1", "'a..b=1' sets nothing; write KEY=VALUE or KEY.KEY=VALUE"),
        (
            "title=!!python/name:os.system",
            "the tag '!!python/name:os.system' is not allowed here; only plain data is read: leave the tag out",
        ),
    ],
)
def test_a_fault_names_the_override(faults_of, override, fault):
    text = SUITE.replace("data: digits", "data: {name: digits}")
    assert faults_of(text, override) == [f"--set {override}: {fault}"]


def test_faults_of_file_and_overrides_come_together(faults_of):
    faults = faults_of(SUITE + "seed: 1\n", "batch_sizes=[0]", "protocol.min_windows=1", "nothing")
    assert faults == [
        "6: unknown key 'seed'; did you mean 'seeds'?",
        "--set nothing: 'nothing' sets nothing; write KEY=VALUE or KEY.KEY=VALUE",
        "--set batch_sizes=[0]: item 1 of 'batch_sizes' must be at least 1, is 0",
        "--set protocol.min_windows=1: 'min_windows' must be at least 3, is 1",
    ]


def test_an_endless_path_is_refused(faults_of):
    (fault,) = faults_of(SUITE, "a." * 5000 + "b=1")
    assert fault.endswith("sets nothing; write KEY=VALUE or KEY.KEY=VALUE")
