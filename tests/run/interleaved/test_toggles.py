import pytest

from bench.run.interleaved.toggles import toggles
from bench.run.plan import plan
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Variant
from tests.run.test_plan import CPU, CPU_BF16, T4

XLA, BF16, CACHE = {"xla": True}, {"precision": "mixed_bfloat16"}, {"cache": "memory"}


def suite(models=("simple_cnn",), baseline="notebook", **variants):
    return Suite(
        name="tried",
        data=DataSpec(name="digits"),
        models=tuple(ModelSpec(name=name, network=name) for name in models),
        variants=tuple(
            Variant(name=name, options=Options(**options)) for name, options in {"notebook": {}, **variants}.items()
        ),
        baseline=baseline,
    )


def found(of, only=None, hardware=CPU_BF16):
    planned = [plan(cell, hardware) for cell in of.cells() if only in (None, cell.variant.name)]
    return [(one.option, one.a.cell.id, one.b.cell.id) for one in toggles(of, planned, hardware)]


def test_a_variant_of_one_option_stands_against_the_baseline():
    assert found(suite(xla=XLA)) == [("xla", "simple_cnn/xla/b128", "simple_cnn/notebook/b128")]


def test_of_several_options_each_is_left_out_and_each_stands_alone():
    ids = "simple_cnn/{}/b128".format
    assert found(suite(all=XLA | CACHE)) == [
        ("cache", ids("all"), ids("all without cache")),
        ("cache", ids("cache of all alone"), ids("notebook")),
        ("xla", ids("all"), ids("all without xla")),
        ("xla", ids("xla of all alone"), ids("notebook")),
    ]


def test_what_is_a_cell_of_the_suite_goes_by_its_name_and_is_measured_once():
    ids = "simple_cnn/{}/b128".format
    assert found(suite(fast=XLA, all=XLA | CACHE)) == [
        ("xla", ids("fast"), ids("notebook")),
        ("cache", ids("all"), ids("fast")),
        ("cache", ids("cache of all alone"), ids("notebook")),
        ("xla", ids("all"), ids("all without xla")),
    ]


def test_only_one_option_differs_between_both_sides():
    of = suite(all=XLA | CACHE | BF16)
    every = toggles(of, [plan(cell, CPU_BF16) for cell in of.cells()], CPU_BF16)
    assert len(every) == 6
    for one in every:
        differ = [name for name in Options.model_fields if getattr(one.a.options, name) != getattr(one.b.options, name)]
        assert differ == [one.option]


def test_of_several_seeds_the_first_stands_for_all():
    several = suite(xla=XLA).model_copy(update={"seeds": (3, 4)})
    assert found(several) == [("xla", "simple_cnn/xla/b128/s3", "simple_cnn/notebook/b128/s3")]


def test_the_baseline_is_the_suites_and_alone_gives_nothing():
    assert found(suite(xla=XLA), only="notebook") == []
    assert found(suite(xla=XLA, baseline="xla")) == [("xla", "simple_cnn/notebook/b128", "simple_cnn/xla/b128")]


def test_models_are_not_mixed():
    pairs = found(suite(models=("simple_cnn", "vgg16"), xla=XLA))
    assert [(a.split("/")[0], b.split("/")[0]) for _, a, b in pairs] == [("simple_cnn",) * 2, ("vgg16",) * 2]


def test_what_cannot_run_here_is_left_out():
    assert found(suite(bf16=BF16), hardware=CPU) == []
    assert [option for option, *_ in found(suite(all=XLA | BF16), hardware=CPU)] == []


def test_auto_is_judged_as_it_is_settled_here():
    auto = suite(auto={"precision": "auto"})
    assert found(auto, hardware=CPU) == []
    assert [option for option, *_ in found(auto, hardware=CPU_BF16)] == ["precision"]
    assert [option for option, *_ in found(auto, hardware=T4)] == ["precision"]


@pytest.mark.parametrize("options", [{"augment": "model"}, {"image_size": 12}, {"batch_map": "m:f"}], ids=str)
def test_options_that_change_what_is_computed_are_no_options_to_attribute(options):
    assert found(suite(other=options | XLA)) == []
