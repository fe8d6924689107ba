import fcntl
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import InputError
from bench.results.journal import Journal, JournalError, journal_path
from bench.results.reading import NewerError, read
from bench.results.record import SCHEMA_VERSION, Record
from bench.results.writable import writable
from tests import warm
from tests.records import make_failed, make_record


def start(code, *args):
    """A Python process of its own that has the harness and the factory of records at hand."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, args)]
    return warm.plain.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def journal(tmp_path):
    return Journal(journal_path(tmp_path, "xeon-2-cores", "cnn"), Record)


def kept(journal):
    records, notices = journal.read()
    assert notices == ()
    return list(records)


def test_records_come_back_as_they_went_in(journal):
    records = [make_record(), make_record("vgg16", "xla", step_ms=616), make_failed(status="timed_out")]
    for record in records:
        assert journal.append(record) == ()
    assert kept(journal) == records
    assert journal.path.name == "cnn.jsonl"
    assert journal.path.parent.name == "xeon-2-cores"


def test_a_file_that_is_not_there_holds_nothing(journal):
    assert journal.read() == ((), ())
    assert not journal.path.parent.exists()


def test_blank_lines_and_windows_line_ends_are_no_matter(journal):
    journal.append(make_record())
    journal.path.write_bytes(b"\n" + journal.path.read_bytes().replace(b"\n", b"\r\n") + b"\n  \n")
    assert kept(journal) == [make_record()]
    assert journal.append(make_record(variant="xla")) == ()
    assert [record.variant for record in kept(journal)] == ["notebook", "xla"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1))
def test_a_file_cut_anywhere_loses_only_its_torn_line(tmp_path_factory, cut):
    journal = Journal(tmp_path_factory.mktemp("cut") / "cnn.jsonl", Record)
    records = [make_record(variant=name, count=2) for name in ("notebook", "cache", "xla")]
    for record in records:
        journal.append(record)
    whole = journal.path.read_bytes()
    left = whole[: round(cut * len(whole))]
    journal.path.write_bytes(left)
    # a line that lacks nothing but its newline is whole
    expected = records[
        : len([line for line in left.split(b"\n") if line.endswith(b"}") and line in whole.split(b"\n")])
    ]
    torn = left[sum(len(line) + 1 for line in whole.split(b"\n")[: len(expected)]) :]

    found = journal.read()
    assert list(found.records) == expected
    assert len(found.notices) == bool(torn)

    newest = make_record(variant="everything")
    notices = journal.append(newest)
    assert kept(journal) == [*expected, newest]
    beside = journal.path.with_name("cnn.jsonl.torn-1")
    if torn:
        assert beside.read_bytes() == torn
        assert beside.name in notices[0]
    else:
        assert not beside.exists()
        assert notices == ()


def test_every_torn_line_gets_a_file_of_its_own(journal):
    for number in (1, 2, 3):
        journal.append(make_record(variant=f"v{number}"))
        with journal.path.open("ab") as file:
            file.write(b'{"torn":' + str(number).encode())
    journal.append(make_record())
    names = sorted(path.name for path in journal.path.parent.iterdir())
    assert names == ["cnn.jsonl", "cnn.jsonl.torn-1", "cnn.jsonl.torn-2", "cnn.jsonl.torn-3"]
    assert journal.path.with_name("cnn.jsonl.torn-2").read_bytes() == b'{"torn":2'
    assert [record.variant for record in kept(journal)] == ["v1", "v2", "v3", "notebook"]


def test_a_last_line_of_rubbish_is_set_aside_though_it_ends_in_a_newline(journal):
    journal.append(make_record())
    with journal.path.open("ab") as file:
        file.write(b"\0" * 500 + b"\n")
    assert len(journal.append(make_record(variant="xla"))) == 1
    assert len(kept(journal)) == 2


def test_a_torn_line_longer_than_a_block_is_found_whole(journal):
    journal.append(make_record())
    torn = b'{"windows":[' + b"[1,0.1]," * 40_000
    with journal.path.open("ab") as file:
        file.write(torn)
    journal.append(make_record(variant="xla"))
    assert len(kept(journal)) == 2
    assert journal.path.with_name("cnn.jsonl.torn-1").read_bytes() == torn


@pytest.mark.parametrize(
    "damage",
    [b"<<<<<<< ours", b'{"schema_version":1,"suite":"cnn"}', b"\xff\xfe\x00", b"[1, 2]", b'{"schema_version":1,"su'],
)
def test_a_damaged_line_costs_itself_alone_and_is_named(journal, damage):
    for name in ("notebook", "cache"):
        journal.append(make_record(variant=name))
    first, second = journal.path.read_bytes().splitlines()
    journal.path.write_bytes(b"\n".join([first, damage, second, b""]))
    records, notices = journal.read()
    assert [record.variant for record in records] == ["notebook", "cache"]
    assert len(notices) == 1
    assert notices[0].startswith(f"{journal.path}:2: this line is damaged")


def rewritten(journal, **changes):
    journal.append(make_record())
    line = make_record(variant="xla").model_dump_json()
    for before, after in changes.values():
        assert before in line
        line = line.replace(before, after)
    with journal.path.open("a") as file:
        file.write(line + "\n")


VERSION = f'"schema_version":{SCHEMA_VERSION},'


@pytest.mark.parametrize(
    "unknown", ['"colour":"blue",', ""], ids=["of a form that nobody can know", "of the same form"]
)
def test_a_newer_line_is_passed_over_with_what_to_do(journal, unknown):
    rewritten(journal, version=(VERSION, f'"schema_version":{SCHEMA_VERSION + 1},{unknown}'))
    journal.append(make_record(variant="cache"))
    records, (notice,) = journal.read()
    assert [record.variant for record in records] == ["notebook", "cache"]
    assert notice.startswith(
        f"{journal.path}:2: this record has schema version {SCHEMA_VERSION + 1}, written by a newer"
    )
    assert "git pull" in notice
    assert "pip install --upgrade" in notice
    assert notice.endswith("passed over until then")
    with pytest.raises(NewerError, match=r"cnn\.jsonl:2: .*newer version"):
        read(journal.path, strict=True)


@pytest.mark.parametrize("end", ["\n", ""])
def test_what_is_appended_leaves_newer_lines_as_they_are(journal, end):
    rewritten(journal, version=(VERSION, f'"schema_version":{SCHEMA_VERSION + 1},"colour":"blue",'))
    before = journal.path.read_bytes().rstrip(b"\n") + end.encode()
    journal.path.write_bytes(before)
    writable(journal.path)
    assert journal.append(make_record(variant="cache")) == ()
    assert journal.path.read_bytes().startswith(before)
    assert [record.variant for record in journal.read().records] == ["notebook", "cache"]
    assert not list(journal.path.parent.glob("*.torn-*"))


@pytest.mark.parametrize(
    "version",
    [
        "",
        '"schema_version":0,',
        '"schema_version":-1,',
        '"schema_version":"one",',
        '"schema_version":1' + "0" * 400 + ",",
    ],
    ids=["none", "zero", "negative", "text", "huge"],
)
def test_a_line_of_no_version_is_damaged(journal, version):
    rewritten(journal, version=(VERSION, version))
    records, (notice,) = journal.read()
    assert [record.variant for record in records] == ["notebook"]
    assert re.search(r"cnn\.jsonl:2: this line is damaged and was passed over \(.* schema version\)$", notice)


def test_many_newer_lines_are_one_notice_a_version(journal):
    rewritten(journal, version=(VERSION, '"schema_version":99,'))
    line = journal.path.read_bytes().splitlines(keepends=True)[1]
    journal.path.write_bytes(line * 50 + line.replace(b":99,", b":98,"))
    records, notices = journal.read()
    assert records == ()
    assert ["like 49 more of this file" in notice for notice in notices] == [True, False]
    assert [notice.removeprefix(f"{journal.path}:").partition(":")[0] for notice in notices] == ["1", "51"]


def test_a_folder_in_place_of_the_file_is_bad_input(journal):
    journal.path.mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be read"):
        journal.read()


def test_a_full_disk_raises_and_says_what_to_do():
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("no /dev/full here")
    with pytest.raises(JournalError, match=r"simple_cnn/notebook/b128 could not be kept .*--resume"):
        Journal(full, Record).append(make_record())


def test_a_write_that_fails_half_way_leaves_the_file_as_it_was(journal):
    """A limit on the file's size cuts a write in two, as a disk that fills does."""
    journal.append(make_record())
    before = journal.path.read_bytes()
    process = start(
        """
        import resource, sys
        from pathlib import Path
        from bench.results.journal import Journal, JournalError
        from bench.results.record import Record
        from tests.records import make_record

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
        try:
            Journal(Path(sys.argv[1]), Record).append(make_record(variant="xla"))
        except JournalError as error:
            print(error)
        """,
        journal.path,
        len(before) + 100,
    )
    said = process.communicate()[0]
    assert process.returncode == 0
    assert "could not be kept (File too large)" in said
    assert journal.path.read_bytes() == before
    journal.append(make_record(variant="cache"))
    assert [record.variant for record in kept(journal)] == ["notebook", "cache"]


def test_a_killed_writer_costs_no_record_that_it_had_kept(journal):
    """A process is killed amid its appends, several times over; what it had said it kept is there, and what follows."""
    promised = 0
    for round_ in range(4):
        process = start(
            """
            import sys
            from pathlib import Path
            from bench.results.journal import Journal
            from bench.results.record import Record
            from tests.records import make_record

            journal = Journal(Path(sys.argv[1]), Record)
            record = make_record(count=3000)
            while True:
                journal.append(record)
                print("kept", flush=True)
            """,
            journal.path,
        )
        for _ in range(3):
            assert process.stdout.readline() == "kept\n"
            promised += 1
        time.sleep(0.003 * round_)
        process.send_signal(signal.SIGKILL)
        promised += process.communicate()[0].count("kept\n")
        assert process.returncode == -signal.SIGKILL
        assert len(journal.read().records) >= promised
    journal.append(make_record(variant="after"))
    records = kept(journal)
    assert records[-1].variant == "after"
    assert len(records) > promised
    assert all(record == make_record(count=3000) for record in records[:-1])


def test_several_processes_append_at_once(journal):
    code = """
        import sys
        from pathlib import Path
        from bench.results.journal import Journal
        from bench.results.record import Record
        from tests.records import make_record

        journal = Journal(Path(sys.argv[1]), Record)
        print("ready", flush=True)
        for number in range(25):
            assert journal.append(make_record(variant=f"{sys.argv[2]}-{number}", count=200)) == ()
        """
    # all wait at the lock, and begin together
    journal.path.parent.mkdir(parents=True)
    with journal.path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        processes = [start(code, journal.path, name) for name in "abcd"]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        assert journal.path.stat().st_size == 0
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    variants = [record.variant for record in kept(journal)]
    assert sorted(variants) == sorted(f"{name}-{number}" for name in "abcd" for number in range(25))


def test_an_append_waits_for_the_lock(journal):
    journal.append(make_record())
    size = journal.path.stat().st_size
    with journal.path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        process = start(
            """
            import sys
            from pathlib import Path
            from bench.results.journal import Journal
            from bench.results.record import Record
            from tests.records import make_record

            record = make_record(variant="xla")
            print("ready", flush=True)
            Journal(Path(sys.argv[1]), Record).append(record)
            """,
            journal.path,
        )
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        assert process.poll() is None
        assert journal.path.stat().st_size == size
    process.communicate()
    assert [record.variant for record in kept(journal)] == ["notebook", "xla"]
