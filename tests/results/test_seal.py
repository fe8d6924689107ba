import json

import pytest

from bench.results.journal import Journal, journal_path
from bench.results.merged import lines_of, merged
from bench.results.pair import Pair
from bench.results.reading import read
from bench.results.record import Record
from bench.results.seal import digest_of, resealed, seal_of, sealed, unsealed
from tests.pairs import make_pair
from tests.records import make_record


@pytest.fixture
def path(tmp_path):
    path = journal_path(tmp_path, "t4", "cnn")
    for seed in range(4):
        Journal(path, Record).append(make_record(host="t4", seed=seed))
    return path


def test_each_line_names_the_one_before_it(path):
    seals = [seal_of(line) for line in lines_of(path.read_bytes())]
    assert all(seal.holds for seal in seals)
    assert [seal.after for seal in seals] == [None, *(seal.digest for seal in seals[:-1])]


def test_a_record_is_read_as_it_was_kept(path):
    assert [record.seed for record in read(path).records] == [0, 1, 2, 3]
    assert read(path).records[0] == make_record(host="t4", seed=0)
    assert unsealed(lines_of(path.read_bytes())[0]) == make_record(host="t4", seed=0).model_dump_json().encode()


def test_a_pair_is_sealed_too(tmp_path):
    journal = Journal(tmp_path / "pairs.jsonl", Pair)
    pair = make_pair(make_record(), make_record(variant="xla"))
    journal.append(pair)
    assert seal_of(journal.path.read_bytes().strip()).holds
    assert journal.read().records == (pair,)


@pytest.mark.parametrize("change", [(b'"seed":1', b'"seed":9'), (b'"status":"ok"', b'"status":"failed"')])
def test_a_change_of_a_line_is_seen(path, change):
    line = lines_of(path.read_bytes())[1]
    assert change[0] in line
    assert not seal_of(line.replace(*change)).holds


def test_a_line_of_before_there_were_seals_is_followed_by_its_digest(tmp_path):
    path = journal_path(tmp_path, "t4", "cnn")
    path.parent.mkdir(parents=True)
    old = make_record(schema_version=6).model_dump_json(exclude={"team"}).encode()
    path.write_bytes(old + b"\r\n")
    Journal(path, Record).append(make_record(seed=1))
    first, second = lines_of(path.read_bytes())
    assert seal_of(first) is None
    assert seal_of(second).after == digest_of(old) == digest_of(first)
    assert len(read(path).records) == 2


def test_white_space_that_other_programs_leave_is_no_change(path):
    line = lines_of(path.read_bytes())[0]
    assert seal_of(line + b"\r") == seal_of(line)
    assert unsealed(line + b" \r") == unsealed(line)


def test_a_line_that_another_program_has_formatted_is_read_and_its_seal_is_gone(path):
    lines = lines_of(path.read_bytes())
    path.write_text("".join(json.dumps(json.loads(line)) + "\n" for line in lines))
    found = read(path)
    assert len(found.records) == 4
    assert not found.notices
    assert seal_of(lines_of(path.read_bytes())[0]) is None


def test_lines_that_get_another_host_keep_their_seals_and_broken_ones_stay_broken(path):
    lines = lines_of(path.read_bytes())
    lines[1] = lines[1].replace(b'"seed":1', b'"seed":7')
    found = lines_of(merged(b"", b"\n".join(lines), "t4", "t4-new").content)
    seals = [seal_of(line) for line in found]
    assert [seal.holds for seal in seals] == [True, False, True, True]
    assert [seal.after for seal in seals[1:]] == [digest_of(line) for line in found[:-1]]
    assert all(b'"host":"t4-new"' in line for line in found)
    again = merged(b"\n".join(found), b"\n".join(lines), "t4", "t4-new")
    assert (again.moved, again.duplicates) == (0, 4)


def test_a_line_without_a_seal_has_a_digest_that_follows_its_change():
    known = {}
    old, new = b'{"host":"a"}', b'{"host":"b"}'
    assert resealed(old, new, known) == new
    after = resealed(sealed(b'{"n":1}', digest_of(old)), sealed(b'{"n":1}', digest_of(old)), known)
    assert seal_of(after) == (digest_of(new), digest_of(after), True)
