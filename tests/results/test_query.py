import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.query import Group, by_suite, good, latest, read_all, read_files
from bench.results.record import Record
from tests.records import make_attributed, make_failed, make_record


@pytest.fixture
def root(tmp_path):
    for host, suite, variant in [("t4", "cnn", "xla"), ("t4", "digits", "notebook"), ("cpu", "cnn", "notebook")]:
        record = make_record(variant=variant, host=host, suite=suite)
        Journal(journal_path(tmp_path, host, suite), Record).append(record)
    (tmp_path / "results" / "report.md").write_text("# Results\n")
    return tmp_path


def named(records):
    return [(record.host, record.suite) for record in records]


def test_everything_is_read_by_host_and_suite(root):
    assert named(read_all(root).records) == [("cpu", "cnn"), ("t4", "cnn"), ("t4", "digits")]
    assert named(read_all(root, hosts=["t4"]).records) == [("t4", "cnn"), ("t4", "digits")]
    assert named(read_all(root, hosts=["t4"], suites=["cnn"]).records) == [("t4", "cnn")]
    assert named(read_all(root, hosts=["none"]).records) == []


def test_an_empty_tree_has_no_records(tmp_path):
    assert read_all(tmp_path) == ((), ())


def test_notices_of_all_files_come_together(root):
    for host in ("t4", "cpu"):
        with journal_path(root, host, "cnn").open("a") as file:
            file.write('{"torn"')
    read = read_all(root)
    assert len(read.records) == 3
    assert len(read.notices) == 2


def test_faults_of_all_files_come_together(root):
    paths = [journal_path(root, host, "cnn") for host in ("t4", "cpu")]
    for path in paths:
        with path.open("a") as file:
            file.write('{"schema_version": 99}\n')
    with pytest.raises(InputError, match="newer version") as raised:
        read_files(paths, Record, strict=True)
    assert len(raised.value.faults) == 2
    read = read_all(root)
    assert (len(read.records), len(read.notices)) == (3, 2)


def test_the_newest_record_of_a_cell_wins_whatever_its_status():
    old = make_record(started="2026-01-05T10:00:00+00:00")
    new = make_failed(variant="notebook", started="2026-01-06T09:00:00+01:00")
    other = make_record(variant="xla", started="2025-12-01T00:00:00+00:00")
    assert latest([new, other, old]) == (new, other)
    assert latest([old, new]) == (new,)


def test_of_two_records_of_one_moment_the_later_line_wins():
    first, second = make_record(step_ms=16), make_record(step_ms=17)
    assert latest([first, second]) == (second,)


def test_moments_are_compared_and_not_their_spelling():
    early = make_record(started="2026-01-05T23:00:00-05:00")  # the 6th, 04:00 UTC
    late = make_record(started="2026-01-06T04:30:00Z", step_ms=17)
    assert latest([late, early]) == (late,)


def test_hosts_suites_and_cells_are_kept_apart():
    records = [make_record(), make_record(host="t4"), make_record(suite="mine"), make_record(variant="xla")]
    assert latest(records) == tuple(records)


def keys(*records):
    return {(record.host, record.cell, record.accuracy_fingerprint) for record in records}


def test_good_are_what_resume_need_not_measure():
    ok = make_record()
    skipped = make_failed(variant="mixed_float16", status="skipped")
    failed = [
        make_failed(variant=status, status=status) for status in ("failed", "out_of_memory", "timed_out", "crashed")
    ]
    assert good([ok, skipped, *failed]) == keys(ok, skipped)


def test_a_cell_is_done_only_while_its_newest_record_is_good():
    ok = make_record(started="2026-01-05T10:00:00+00:00")
    failed = make_failed(
        variant="notebook", started="2026-01-06T10:00:00+00:00", accuracy_fingerprint=ok.accuracy_fingerprint
    )
    again = make_record(started="2026-01-07T10:00:00+00:00")
    other = make_record(started="2026-01-08T10:00:00+00:00", accuracy_fingerprint="other data")
    assert good([ok, failed]) == keys()
    assert good([ok, failed, again]) == good([again, failed, ok]) == keys(ok)
    assert good([ok, other]) == keys(other)


def test_a_record_without_attribution_will_not_do_where_it_is_wanted():
    plain, attributed = make_record(), make_attributed(16, 1, 15, 14, variant="attributed")
    skipped = make_failed(variant="skipped", status="skipped")
    records = [plain, attributed, skipped]
    assert good(records) == keys(plain, attributed, skipped)
    assert good(records, attributed=True) == keys(attributed, skipped)


def test_a_second_seed_renames_a_cell_and_its_old_record_is_superseded_all_the_same():
    old = make_record(started="2026-01-05T10:00:00+00:00")
    renamed = make_record(cell=f"{old.cell}/s0", started="2026-01-06T10:00:00+00:00")
    second = make_record(cell=f"{old.cell}/s1", seed=1)
    assert latest([old, renamed, second]) == (renamed, second)
    assert good([old, renamed]) == keys(renamed)


def test_two_seeds_under_one_id_are_two_cells():
    one, other = make_record(), make_record(seed=1)
    assert one.cell == other.cell
    assert latest([one, other]) == (one, other)


def test_a_debugging_record_is_shown_only_where_there_is_no_other():
    local = make_record(started="2026-01-05T10:00:00+00:00")
    inline = make_record(executor="inline", started="2026-01-06T10:00:00+00:00")
    assert latest([inline]) == (inline,)
    assert latest([local, inline]) == latest([inline, local]) == (local,)
    assert good([inline]) == keys()
    assert good([local, inline]) == keys(local)


def test_records_by_host_and_suite():
    a, b, c = make_record(), make_record(host="t4"), make_record(variant="xla")
    found = by_suite([a, b, c])
    assert found == {Group("xeon-2-cores", "cnn"): [a, c], Group("t4", "cnn"): [b]}


def test_two_cells_that_settle_to_the_same_options_each_want_a_record():
    ok = make_record()
    twin = make_record(variant="everything", accuracy_fingerprint=ok.accuracy_fingerprint)
    assert keys(twin).isdisjoint(good([ok]))
