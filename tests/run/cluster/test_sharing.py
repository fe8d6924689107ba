"""Nodes of one kind share a suite's networks, each of which stays on one node."""

from collections import Counter

import pytest

from bench.run.cluster.sharing import shared_out
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Variant


def cells(models, variants=3, seeds=(0,)):
    suite = Suite(
        name="shared",
        data=DataSpec(name="synthetic"),
        models=tuple(ModelSpec(name=f"m{number}", network="simple_cnn") for number in range(models)),
        variants=tuple(Variant(name=f"v{number}", options=Options()) for number in range(variants)),
        seeds=seeds,
    )
    return suite.cells()


@pytest.mark.parametrize(("models", "nodes", "sizes"), [(4, 2, [6, 6]), (5, 2, [9, 6]), (3, 8, [3, 3, 3]), (1, 2, [3])])
def test_every_cell_is_on_one_node_and_nodes_have_alike(models, nodes, sizes):
    every = cells(models)
    shares = shared_out(every, nodes)
    assert [len(share) for share in shares] == sizes
    assert Counter(cell.id for share in shares for cell in share) == Counter(cell.id for cell in every)


def test_cells_that_are_compared_stay_together_in_the_suites_order():
    every = cells(3, seeds=(0, 1))
    for share in shared_out(every, 2):
        assert list(share) == [cell for cell in every if cell in share]
        for cell in share:
            mates = [one for one in every if (one.model.name, one.seed) == (cell.model.name, cell.seed)]
            assert all(mate in share for mate in mates)
