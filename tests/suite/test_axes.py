"""What a user reads who got axes, excludes or their base wrong."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "axes:",
            ["2: 'axes' must be a mapping, is empty (null); write `key: [value, value]` lines under it"],
        ),
        ("axes: {}", ["2: 'axes' is empty; write `key: [value, value]` lines under it"]),
        ("axes: {cachee: [none]}", ["2: unknown axis 'cachee'; did you mean 'cache'?"]),
        ("axes: {cache: []}", ["2: the axis 'cache' is empty; write at least one value"]),
        (
            "axes: {cache: memory}",
            [
                "2: the axis 'cache' must be a list of values, is the text 'memory'; "
                "write [value, value], or set it in 'base'"
            ],
        ),
        (
            "axes: {cache: [none, memry], prefetch: [0, -1]}",
            [
                "2: 'prefetch' must be at least 0, is -1; or write 'autotune'",
                "2: 'cache' must be 'none', 'memory' or 'file', is the text 'memry'; did you mean 'memory'?",
            ],
        ),
        (
            "axes: {xla: [on, true]}",
            ["2: two variants are called 'xla=on'; give the variant a `name` of its own"],
        ),
        ("axes: {xla: [on]}\n  excludes: []", ["3: unknown key 'excludes' beside 'axes'; did you mean 'exclude'?"]),
        (
            "axes: {xla: [on]}\n  base: {xla: off, name: b, pixel: float32}",
            [
                "3: 'xla' is an axis and stands in 'base' too; keep one of the two",
                "3: 'base' can't set 'name': each combination is named by its values; leave it out",
                "3: unknown key 'pixel' in a variant; did you mean 'pixels'?",
            ],
        ),
        (
            "axes: {xla: [on]}\n  base: []",
            ["3: 'base' must be a mapping, is a list; write `key: value` lines under it"],
        ),
        (
            "axes: {xla: [on, off]}\n  exclude: {xla: on}",
            ["3: 'exclude' must be a list of mappings, is a mapping; write `- {axis: value}` lines"],
        ),
        (
            "axes: {xla: [on, off]}\n  exclude:\n  - {}\n  - xla\n  - {xl: on}\n  - {xla: auto}\n  - {xla: 1}",
            [
                "4: an exclude must name axes and their values, is an empty mapping; write {axis: value}",
                "5: an exclude must name axes and their values, is the text 'xla'; write {axis: value}",
                "6: the exclude names 'xl', which is no axis; did you mean 'xla'?",
                "7: the exclude matches nothing: 'xla' is never the text 'auto'; the axis holds true (on), false (off)",
                "8: the exclude matches nothing: 'xla' is never 1; the axis holds true (on), false (off)",
            ],
        ),
        (
            "axes: {cache: [none, memory]}\n  exclude: [{cache: memry}]",
            ["3: the exclude matches nothing: 'cache' is never the text 'memry'; did you mean 'memory'?"],
        ),
        (
            "axes: {xla: [on, off]}\n  exclude: [{xla: on}, {xla: off}]",
            ["3: every variant is excluded; leave at least one combination"],
        ),
        (
            f"axes: {{threads: {list(range(1, 202))}, image_size: {list(range(1, 52))}}}",
            ["2: the axes have 10,251 combinations, more than 10,000; leave out values"],
        ),
    ],
)
def test_axes(check, text, faults):
    check(f"variants:\n  {text}", faults)


def test_a_network_must_be_somewhere_among_the_axes(check):
    check("models: {axes: {freeze: [0, 1]}}", ["1: 'network' is missing in a model; add `network: …`"])
