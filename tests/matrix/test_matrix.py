"""What the matrix of environments is made of, and that the documentation shows what came of the last one."""

import os
import re
from dataclasses import replace

import pytest

from tests.matrix.__main__ import environments, stored
from tests.matrix.packages import Change, canonical, frozen, next_newer, oldest
from tests.matrix.table import table, write
from tests.matrix.trial import Tried, Wanted

NOT_TO_BE_HAD = (
    "ERROR: Could not find a version that satisfies the requirement numpy==2.0.2 "
    "(from versions: 1.26.4, 2.1.0, 2.3.0rc1, 2.1.10, 2.1.2)\n"
    "ERROR: No matching distribution found for numpy==2.0.2\n"
)


def test_a_freeze_is_read_by_canonical_names():
    lines = ["tf_keras==2.20.0", "Jinja2==3.1", "bench-harness @ file:///tmp/b.whl#sha256=0", "-e /somewhere", "# said"]
    assert frozen(lines) == {"tf-keras": "2.20.0", "jinja2": "3.1", "bench-harness": "file:///tmp/b.whl#sha256=0"}


def test_a_package_that_came_is_added_and_one_that_went_or_changed_is_replaced():
    before = {"tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.0.2"}
    after = {"tensorflow": "2.21.0", "numpy": "2.0.2", "rich": "15.0.0", "bench-harness": "0.1.0"}
    change = Change.between(before, after)
    assert change.added == ("rich 15.0.0",)
    assert change.replaced == ("tensorflow 2.20.0 → 2.21.0", "keras 3.13.2 → none")


def test_what_the_index_has_not_is_taken_in_the_next_newer_version():
    wanted, word = next_newer(["NumPy==2.0.2", "rich==13.9.4"], NOT_TO_BE_HAD)
    assert wanted == ["numpy==2.1.0", "rich==13.9.4"]
    assert word == "numpy 2.1.0, for 2.0.2 can't be had"
    assert next_newer(["numpy==2.0.2"], NOT_TO_BE_HAD.replace("2.1", "1.1")) is None
    assert next_newer(["numpy==2.0.2"], "ERROR: ResolutionImpossible") is None


def test_our_oldest_are_read_from_setup_cfg(checkout):
    found = oldest(checkout / "setup.cfg")
    assert "tensorflow==2.18" in found
    assert all(re.fullmatch(r"[\w-]+==\d[\d.]*", one) for one in found)


NOTHING = Change((), ())
GREW = Change(("rich 15.0.0",), ())
REPLACES = Change(("tf-keras 2.21.0",), ("h5py 3.16.0 → 3.14.0", "tensorflow 2.20.0 → 2.21.0"))
VERSIONS = {"tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.0.2"}


def one(**changes):
    """An environment where all went well."""
    found = Tried(Wanted("Here", "3.12", ()), "3.12.1", VERSIONS, works=["run"], day="2026-01-05")
    return replace(
        found, **{"plain": GREW, "base": GREW, "score": REPLACES, "held": NOTHING, "named": NOTHING, **changes}
    )


def row_of(text):
    heading, _, *rows = [line for line in text.splitlines() if line.startswith("|")]
    names, cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in (heading, rows[0]))
    return dict(zip(names, cells, strict=True))


def test_the_table_shows_what_was_added_and_what_the_extra_would_replace():
    text = table([one()])
    assert row_of(text) == {
        "there already": "Here",
        "Python": "3.12.1",
        "TensorFlow": "2.20.0",
        "Keras": "3.13.2",
        "NumPy": "2.0.2",
        "`pip install .`": "1 added, none replaced",
        "`pip install '.[score]'` would replace": "tensorflow (a)",
        "`bench`": "✓",
    }
    assert "- **a** h5py 3.16.0 → 3.14.0, tensorflow 2.20.0 → 2.21.0\n" in text
    assert "would have replaced nothing in any" in text


def test_the_table_claims_nothing_that_did_not_happen():
    text = table([one(held=REPLACES, named=None, unlike=["numpy 2.1.0, for 2.0.2 can't be had"], failed=["doctor: 1"])])
    assert row_of(text)["there already"] == "Here (a)"
    assert row_of(text)["`bench`"] == "failed (c)"
    assert "- **c** doctor: 1\n" in text
    assert "would have replaced nothing" not in text
    assert "`bench calibrate` names" not in text
    nothing = Tried(Wanted("Here", "3.15", ()), failed=["there is no Python 3.15 here"], day="2026-01-05")
    assert row_of(table([nothing]))["`pip install .`"] == "–"


def test_what_was_tried_survives_its_file():
    found = one(unlike=["numpy 2.1.0"])
    assert Tried.from_json(found.wanted, found.to_json()) == found


def test_the_table_is_put_between_the_marks(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- matrix -->\nold\n<!-- end of matrix -->\nb\n")
    write(readme, "\nnew\n\n")
    assert readme.read_text() == "a\n<!-- matrix -->\n\nnew\n\n<!-- end of matrix -->\nb\n"
    readme.write_text("a\n")
    with pytest.raises(ValueError, match="matrix"):
        write(readme, "new")


def test_the_readme_shows_every_environment_as_it_was_last_tried(checkout):
    """After a change of an environment: tests/matrix/run --only 'its name'; of the table's form: BENCH_GOLDEN=write."""
    tried = stored()
    page = checkout / "docs" / "how-to" / "install.md"
    if os.environ.get("BENCH_GOLDEN") == "write":
        write(page, table(tried))
    assert [one.wanted for one in tried] == environments()
    assert f"<!-- matrix -->\n{table(tried)}<!-- end of matrix -->" in page.read_text()
    for found in tried:
        assert found.failed == []
        unlike = {word.split()[0] for word in found.unlike}
        asked = dict(one.split("==") for one in found.wanted.packages if "==" in one)
        there = {name: found.versions[canonical(name)] for name in asked if canonical(name) not in unlike}
        assert all(exactly(there[name]) == exactly(asked[name]) for name in there)
        assert found.base.replaced == found.held.replaced == found.named.replaced == ()


def exactly(version):
    """2.18 and 2.18.0 are one version."""
    return re.sub(r"(\.0)+$", "", version)
