"""`--only GLOB`."""

from __future__ import annotations

import pytest

from bench.errors import InputError
from bench.suite import select


@pytest.fixture
def cells(suite_of):
    return suite_of("data: digits\nmodels: [simple_cnn, vgg16]\nvariants: {notebook: , xla: {xla: on}}\n").cells()


@pytest.mark.parametrize(
    ("only", "ids"),
    [
        ([], ["simple_cnn/notebook/b128", "simple_cnn/xla/b128", "vgg16/notebook/b128", "vgg16/xla/b128"]),
        (["simple_cnn/*"], ["simple_cnn/notebook/b128", "simple_cnn/xla/b128"]),
        (["simple_cnn"], ["simple_cnn/notebook/b128", "simple_cnn/xla/b128"]),
        (["vgg16/xla"], ["vgg16/xla/b128"]),
        (["vgg16/xla/"], ["vgg16/xla/b128"]),
        (["*/xla"], ["simple_cnn/xla/b128", "vgg16/xla/b128"]),
        (
            ["vgg16/xla", "simple_cnn/n*", "*/notebook/b128"],
            ["simple_cnn/notebook/b128", "vgg16/notebook/b128", "vgg16/xla/b128"],
        ),
        (["[sv]*/xla/b12?"], ["simple_cnn/xla/b128", "vgg16/xla/b128"]),
    ],
)
def test_patterns(cells, only, ids):
    assert [cell.id for cell in select(cells, only)] == ids


def test_patterns_that_match_nothing_are_refused_together(cells):
    with pytest.raises(InputError) as error:
        select(cells, ["vgg16/xla", "vgg16/xls/b128", "VGG16/*", "q"])
    first, *others = map(str, error.value.faults)
    assert first == "--only 'vgg16/xls/b128' matches no cell; did you mean 'vgg16/xla/b128'?"
    assert [fault.split(";")[0] for fault in others] == [
        "--only 'VGG16/*' matches no cell",
        "--only 'q' matches no cell",
    ]
