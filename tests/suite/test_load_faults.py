"""What a user reads who got something wrong: every fault at once, each with its line and what would be right."""

from __future__ import annotations

import pytest

MANY = """\
titel: Many faults
data:
  name: cifar1000
  subset: 200
  shape: [32, 32]
  classes: 1
models:
  - simple_cn
  - {network: VGG_16, freeze: 1.5}
  - {network: vgg16, weigths: imagenet}
  - my_models.build
  - nomod:build
  - {freeze: 0.5}
  - {network: VGG16, name: a/b}
  - 7
variants:
  notebook: {}
  "x y": {cache: memry}
  v2: {shuffle: 0, prefetch: -1, map: 2.0, xla: 1}
  v2: {}
  on: {}
  v3: {env: {A: 1}, threads: '2', steps_per_execution: yes, precission: auto, source: tfrecords}
  v4: fast
  v5: !!python/object:os.system {cache: file}
batch_size: 128
batch_sizes: [0, 128, 128, -5, "64"]
seeds: 0
baseline: notebok
protocol: {max_second: 8, precision: 2, max_seconds: .inf, min_windows: 1, warmup_seconds: -1}
train: {steps_per_epoch: 2}
"""

SAID = """\
1: unknown key 'titel'; did you mean 'title'?
3: unknown data set 'cifar1000'; did you mean 'cifar100'?
4: a number in 'subset' needs 'team_seed', from which the classes are drawn; add `team_seed: 1`
5: 'shape' belongs to synthetic data only; leave it out
5: 'shape' must hold 3 values, holds 2
6: 'classes' belongs to synthetic data only; leave it out
6: 'classes' must be at least 2, is 1
8: unknown network 'simple_cn'; did you mean 'simple_cnn'?
9: unknown network 'VGG_16'; did you mean 'vgg16' or 'VGG16'?
9: 'freeze' must be at most 1, is 1.5; or write a whole number
10: unknown key 'weigths' in a model; did you mean 'weights'?
11: unknown network 'my_models.build'; an import path has a colon before the function: 'my_models:build'
12: there is no module 'nomod' for 'nomod:build'; put its file beside the suite, or install it
13: 'network' is missing in a model; add `network: …`
14: the model's name 'a/b' holds '/'; write letters, digits, and any of - _ . = ,
15: each of 'models' must be a name or a mapping, is 7; write a name, or {key: value}
18: the variant's name 'x y' holds ' '; write letters, digits, and any of - _ . = ,
18: 'cache' must be 'none', 'memory' or 'file', is the text 'memry'; did you mean 'memory'?
19: 'shuffle' must be at least 1, is 0; or write 'all' or 'none'
19: 'map' must be a whole number, 'none' or 'autotune', is 2.0; write 2
19: 'prefetch' must be at least 0, is -1; or write 'autotune'
19: 'xla' must be on, off or 'auto', is 1
20: the key 'v2' stands twice; the first is on line 19
21: the key 'on' reads as true (on); put it in quotes
22: 'source' must be 'memory', 'tfrecord', 'device' or 'auto', is the text 'tfrecords'; did you mean 'tfrecord'?
22: 'steps_per_execution' must be a whole number or 'auto', is true (on)
22: 'threads' must be a whole number, is the text '2'; write it without quotes
22: 'A' must be text, is 1; put it in quotes
22: unknown key 'precission' in the variant 'v3'; did you mean 'precision'?
23: the variant 'v4' must be a mapping, is the text 'fast'; write v4: {key: value}, or v4: {} to leave all as it is
24: the tag '!!python/object:os.system' is not allowed here; only plain data is read: leave the tag out
25: unknown key 'batch_size'; did you mean 'batch_sizes'?
26: 128 stands twice in 'batch_sizes'; keep one
26: item 1 of 'batch_sizes' must be at least 1, is 0
26: item 4 of 'batch_sizes' must be at least 1, is -5
26: item 5 of 'batch_sizes' must be a whole number, is the text '64'; write it without quotes
27: 'seeds' must be a list, is 0; write [0]
28: the baseline 'notebok' is no variant of this suite; did you mean 'notebook'?
29: 'precision' must be below 1, is 2
29: 'max_seconds' must be a finite number, is inf
29: 'min_windows' must be at least 3, is 1
29: 'warmup_seconds' must be at least 0, is -1
29: unknown key 'max_second' in 'protocol'; did you mean 'max_seconds'?
30: 'epochs' is missing in 'train'; add `epochs: …`
"""


def test_all_that_is_wrong_is_said_at_once(faults_of):
    assert "\n".join(faults_of(MANY)) + "\n" == SAID


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("data: 5", ["1: 'data' must be a data set's name or a mapping, is 5; write e.g. `data: digits`"]),
        ("data: {subset: [1]}", ["1: 'name' is missing in 'data'; add `name: …`"]),
        ("data: a:b:c", ["1: 'a:b:c' is no import path; write module:function, such as 'my_code.models:build'"]),
        ("data: {name: digits, args: {a: 1}}", ["1: 'args' goes with an import path only; leave it out"]),
        (
            "data: {name: digits, subset: 11, team_seed: 0}",
            ["1: 'subset' asks for 11 classes of 10; write a number up to 10"],
        ),
        (
            "data: {name: cifar100, subset: [3, 100, 3, -1]}",
            [
                "1: 3 stands twice in 'subset'; keep one",
                "1: there is no class 100; classes are 0 to 99",
                "1: item 4 of 'subset' must be at least 0, is -1",
            ],
        ),
        (
            "data: {name: synthetic, classes: 4, subset: [4]}",
            ["1: there is no class 4; classes are 0 to 3"],
        ),
        ("data: {name: cifar10, subset: []}", ["1: 'subset' is empty; leave it out to keep every class"]),
        (
            "data: {name: cifar10, subset: {a: 1}}",
            ["1: 'subset' must be a whole number, a list or text, is a mapping"],
        ),
        (
            "data: {name: cifar10, subset: 0, team_seed: 1}",
            ["1: 'subset' must be at least 1, is 0; or write a list or text"],
        ),
        (
            "data: {name: cifar10, subset: no.csv}",
            ["1: there is no CSV file 'no.csv'; it is looked for in FOLDER"],
        ),
        (
            "data: {name: cifar10, subset: '5'}",
            ["1: there is no CSV file '5'; write the number without quotes"],
        ),
        (
            "data: {name: cifar10, team_seed: 3}",
            ["1: 'team_seed' goes with a number in 'subset' only; leave it out, or null"],
        ),
        (
            "data: {name: cifar10, subset: [1], team: a}",
            ["1: 'team' goes with a CSV file in 'subset' only; leave it out, or null"],
        ),
        (
            "data: {name: synthetic, shape: [8, 8, 3, 1]}",
            ["1: 'shape' must be a list of 3 values (it holds 4), is a list"],
        ),
        ("data: {name: synthetic, shape: [8, x, 3]}", ["1: item 2 of 'shape' must be a whole number, is the text 'x'"]),
        ("data: {name: digits, held_out: 1}", ["1: 'held_out' must be below 1, is 1"]),
    ],
)
def test_data(check, text, faults):
    check(text, faults)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("models: []", ["1: 'models' is empty; name at least one model"]),
        ("models: {}", ["1: 'models' is empty; name at least one model"]),
        ("models: vgg16", ["1: 'models' must be a list or a mapping, is the text 'vgg16'; write [vgg16]"]),
        ("models:", ["1: 'models' must be a list or a mapping, is empty (null); name at least one model"]),
        (
            "models: [vgg16, vgg16]",
            ["1: two models are called 'vgg16'; give the model a `name` of its own"],
        ),
        (
            "models: {vgg16: {name: x}}",
            ["1: the model is called 'vgg16' by its key already; leave 'name' out"],
        ),
        ("models: [{network: vgg16, name: 5}]", ["1: 'name' must be text, is 5; put it in quotes"]),
        ("models: [{network: 5}]", ["1: 'network' must be text, is 5; put it in quotes"]),
        (
            "models: [{network: VGG16, args: {a: 1}}]",
            [
                "1: 'VGG16' takes no 'args'; leave it out",
            ],
        ),
        (
            "models: {m: {network: VGG16, weights: imagnet}}",
            [
                "1: 'weights' must be 'imagenet', null or a file of weights, is 'imagnet'; leave it out for random "
                "weights"
            ],
        ),
        (
            "models: {simple_cnn: {weights: imagenet}}",
            ["1: 'simple_cnn' has no weights from imagenet; leave 'weights' out"],
        ),
        ("models: {vgg16: {learning_rate: 0}}", ["1: 'learning_rate' must be above 0, is 0"]),
        ("models: {vgg16: {freeze: x}}", ["1: 'freeze' must be a whole number or a number, is the text 'x'"]),
        ("models: {..: {network: vgg16}}", ["1: '..' is no name for a model; begin with a letter"]),
        ("models: {'': {network: vgg16}}", ["1: '' is no name for a model; begin with a letter"]),
        (
            "models: {'a*[b': {network: vgg16}}",
            ["1: the model's name 'a*[b' holds '*', '['; write letters, digits, and any of - _ . = ,"],
        ),
        (
            f"models: {{{'x' * 101}: {{network: vgg16}}}}",
            [f"1: the model's name '{'x' * 60}…' is longer than 100 characters; shorten it"],
        ),
    ],
)
def test_models(check, text, faults):
    check(text, faults)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("variants: []", ["1: 'variants' is empty; name at least one variant"]),
        ("variants: [xls]", ["1: unknown variant 'xls'; did you mean 'xla'?"]),
        (
            "variants: [{xla: on}, {xla: yes}]",
            ["1: two variants are called 'xla=on'; give the variant a `name` of its own"],
        ),
        (
            "variants: [{env: {A: b c}}]",
            ["1: the variant's name 'env=A:b c' holds ' '; give the variant a `name` of its own"],
        ),
        (
            "variants: {a: {precision: float16}}",
            [
                "1: 'precision' must be 'float32', 'mixed_float16', 'mixed_bfloat16' or 'auto', is the text 'float16'; "
                "did you mean 'mixed_float16'?"
            ],
        ),
        ("variants: {a: {tf32: 1}}", ["1: 'tf32' must be on or off, is 1"]),
        ("variants: {a: {env: []}}", ["1: 'env' must be a mapping, is a list"]),
        ("variants: {a: {image_size: null, threads: 0}}", ["1: 'threads' must be at least 1, is 0"]),
        ("variants: {a: }\nbaseline: b", ["2: the baseline 'b' is no variant of this suite; known: a"]),
        ("variants: {a: }\nbaseline: 3", ["2: 'baseline' must be text, is 3; put it in quotes"]),
    ],
)
def test_variants(check, text, faults):
    check(text, faults)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("batch_sizes: []", ["1: 'batch_sizes' is empty; write at least one number, or leave it out"]),
        ("batch_sizes: 128", ["1: 'batch_sizes' must be a list, is 128; write [128]"]),
        ("batch_sizes: [1.0]", ["1: item 1 of 'batch_sizes' must be a whole number, is 1.0; write 1"]),
        ("batch_sizes: [on]", ["1: item 1 of 'batch_sizes' must be a whole number, is true (on)"]),
        ("seeds: []", ["1: 'seeds' is empty; write at least one number, or leave it out"]),
        ("seeds: [4294967296]", ["1: item 1 of 'seeds' must be at most 4294967295, is 4294967296"]),
        ("seed: 0", ["1: unknown key 'seed'; did you mean 'seeds'?"]),
        ("title: 5", ["1: 'title' must be text, is 5; put it in quotes"]),
        ("name: x", ["1: unknown key 'name'; a suite is named by its file, and lies where that does"]),
        ("protocol:", ["1: 'protocol' must be a mapping, is empty (null)"]),
        ("protocol: {max_seconds: nan}", ["1: 'max_seconds' must be a number, is the text 'nan'"]),
        ("train: [1]", ["1: 'train' must be a mapping, is a list"]),
        ("train: {epochs: 0}", ["1: 'epochs' must be at least 1, is 0"]),
        (
            f"batch_sizes: {list(range(1, 102))}\nseeds: {list(range(101))}",
            ["1: the suite spells out 10,201 cells, more than 10,000; split it into several"],
        ),
    ],
)
def test_the_whole(check, text, faults):
    check(text, faults)


def test_what_a_suite_needs(faults_of):
    assert faults_of("title: x") == [
        "1: 'data' is missing; add e.g. `data: digits`",
        "1: 'models' is missing; add e.g. `models: [simple_cnn]`",
        "1: 'variants' is missing; add e.g. `variants: [notebook]`",
    ]


def test_the_line_is_where_the_value_was_written_first(check):
    check(
        """
        variants:
          a: &a
            cache: memry
          b:
            <<: *a
            xla: maybe
        """,
        [
            "3: 'cache' must be 'none', 'memory' or 'file', is the text 'memry'; did you mean 'memory'?",
            "6: 'xla' must be on, off or 'auto', is the text 'maybe'",
        ],
    )
