"""What a record says was trained, built again without taking its word for any code."""

import pytest

from bench.errors import InputError
from bench.results.record import Record
from bench.run.rebuilt import rebuilt
from tests.records import changed, make_data, make_trained
from tests.strangers import planted, plants, texts
from tests.trees import tree

SUITE = """\
data: digits
models:
  mine: {network: "own:build", args: {width: 7}, data: {name: "own:load", args: {images: 3}}}
  plain: {network: simple_cnn}
variants: [notebook]
train: {epochs: 1}
"""
OWN = "raise SystemExit('imported')\ndef build(): ...\ndef load(): ...\n"


@pytest.fixture
def base(tmp_path):
    files = {
        "folder/trained.yaml": SUITE,
        "folder/own.py": OWN,
        "folder/lists.csv": "1\n2\n",
        "results/box/weights/trained/a.keras": "weights",
        "results/box/weights/other/b.keras": "weights",
        "outside/a.keras": "secret",
    }
    return tree(tmp_path, files)


@pytest.fixture
def home(base):
    return base / "results" / "box"


def record(network="compact", data="digits", **changes):
    fields = {"weights": "weights/trained/a.keras", "data": make_data(name=data, subset=(1, 2)), "host": "box"}
    fields |= {"data_spec": {"name": data, "subset": None, "team_seed": None}}
    return make_trained(model="mine", network={"network": network}, **(fields | changes))


def refused(*arguments):
    with pytest.raises(InputError) as told:
        rebuilt(*arguments)
    return str(told.value)


def test_what_is_of_the_house_is_built_as_the_record_says(home):
    made = record(network="convnet", options={"pixels": "uint8", "batch_map": "trap:fire", "env": {"A": "b"}})
    made = changed(made, ("model", "args"), {"num_filters": 4})
    found = rebuilt(made, home, None)
    assert (found.model.network, found.model.args, found.model.weights) == ("convnet", {"num_filters": 4}, None)
    assert (found.options.pixels, found.options.batch_map, found.options.env) == ("uint8", None, {})
    assert (found.data.name, found.data.subset, found.folder) == ("digits", (1, 2), None)
    assert found.weights == home / "weights" / "trained" / "a.keras"


def test_weights_that_it_began_with_are_not_fetched(home):
    made = changed(record(network="VGG16"), ("model", "weights"), "imagenet")
    assert rebuilt(made, home, None).model.weights is None


def test_own_code_needs_a_folder_and_is_the_suites(base, home):
    made = changed(record("own:build", "own:load"), ("model", "args"), {"width": "../secret"})
    assert refused(made, home, None).endswith("; `--folder` names the folder where its suite lies")
    found = rebuilt(made, home, base / "folder")
    assert (found.model.network, found.model.args) == ("own:build", {"width": 7})
    assert (found.data.name, found.data.args, found.data.subset) == ("own:load", {"images": 3}, (1, 2))
    assert found.folder == base / "folder"


def test_what_the_suite_does_not_name_is_refused(base, home):
    folder = base / "folder"
    told = refused(record("own:load", "own:build"), home, folder)
    assert "was trained with own:load, and the model mine of this suite is own:build" in told
    assert "was trained on own:build, and this suite has own:load" in told
    other = record("own:build").model_copy(update={"model": "theirs"})
    assert "trained.yaml: this suite has no model 'theirs'; known: mine, plain" in refused(other, home, folder)
    plain = record("own:build").model_copy(update={"model": "plain"})
    assert "the model plain of this suite is simple_cnn" in refused(plain, home, folder)
    assert "there is no suite 'absent' here" in refused(record("own:build", suite="absent"), home, folder)
    assert "'../folder/trained' can't be a suite's name" in refused(
        record("own:build", suite="../folder/trained"), home, folder
    )


def test_a_suite_may_lie_in_the_folder_alone(base, home):
    folder = base / "folder"
    (base / "outside" / "trained.yaml").write_text(SUITE)
    (folder / "trained.yaml").unlink()
    (folder / "trained.yaml").symlink_to(base / "outside" / "trained.yaml")
    assert "there is no suite 'trained' here" in refused(record("own:build"), home, folder)
    (folder / "trained.yaml").unlink()
    (folder / "trained.yaml").write_text(SUITE)
    (folder / "own.py").unlink()
    (base / "outside" / "own.py").write_text(OWN)
    (folder / "own.py").symlink_to(base / "outside" / "own.py")
    assert "a link leads out of" in refused(record("own:build"), home, folder)


def test_lists_of_classes_are_the_records_numbers_and_no_file(base, home):
    made = record(data_spec={"name": "digits", "subset": "lists.csv", "team": "1"})
    assert rebuilt(made, home, base / "folder").data.subset == (1, 2)
    everything = made.model_copy(update={"data": make_data(name="digits", subset=None)})
    assert rebuilt(everything, home, None).data.subset is None


def test_what_nobody_knows_is_said_all_at_once(home):
    made = record("compct", "digit", weights="weights/trained/none.keras")
    told = refused(made, home, None).splitlines()
    assert len(told) == 3
    assert "is not there any more" in told[0]
    assert "there is no network 'compct'; did you mean 'compact'?" in told[1]
    assert "there is no data set 'digit'; did you mean 'digits'?" in told[2]
    odd = changed(record("simple_cnn"), ("model", "args"), {"width": 1})
    assert "simple_cnn doesn't take the arguments that the record gives it" in refused(odd, home, None)


def test_no_more_images_are_made_than_anybody_trains_on(home):
    def wanted(**sizes):
        return record(data="synthetic", data_spec={"name": "synthetic"} | sizes)

    assert rebuilt(wanted(images=500_000), home, None).data.images == 500_000
    for sizes in ({"images": 10**9, "shape": [1, 1, 1]}, {"images": 9_000, "shape": [900, 900, 3]}):
        assert "synthetic images of" in refused(wanted(**sizes), home, None)


def test_no_text_in_a_record_leads_anywhere_else(base, home):
    """Each text of a record by itself: whatever stands there, what is built and opened is the same, or nothing is."""
    made = record()
    right = rebuilt(made, home, base / "folder")
    plain = made.model_dump(mode="json")
    ways = list(texts(plain))
    assert len(ways) > 40
    led = 0
    for plant in (*plants(base), "os:getcwd", "own:other", "weights/../../../outside/a.keras", "VGG16", "synthetic"):
        for way in ways:
            try:
                other = Record.model_validate(planted(plain, way, plant))
                found = rebuilt(other, home, base / "folder")
            except (InputError, ValueError):
                continue
            led += 1
            assert (found.weights, found.folder, found.options) == (right.weights, None, right.options), way
            assert (found.model.network, found.data.name) in (
                (right.model.network, right.data.name),
                ("VGG16", right.data.name),
                (right.model.network, "synthetic"),
            ), way
    assert led > 100
