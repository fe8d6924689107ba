"""Where a training under way is kept."""

from bench.run.training_places import forget, training_places
from tests.records import make_cell


def kept(root, name, digit):
    place = training_places(root / "results" / "t4", make_cell(id=name, suite="mine"), digit * 16).checkpoint
    place.mkdir(parents=True)
    (place / "training.npz").write_bytes(b"...")
    return place


def test_a_cells_older_trainings_go_with_its_newest_and_no_others(tmp_path):
    mine = [kept(tmp_path, "a/notebook/b64", digit) for digit in "0f"]
    others = [kept(tmp_path, name, "0") for name in ("a/notebook/b64/s1", "a/notebook/b6", "[a]/notebook/b64")]
    forget(mine[0])
    assert not any(place.exists() for place in mine)
    assert all(place.exists() for place in others)
    for place in others:
        forget(place)
    assert not (tmp_path / "results" / "t4" / "checkpoints").exists()
    forget(mine[0])  # there is nothing left
