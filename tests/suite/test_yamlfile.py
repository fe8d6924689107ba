"""Files read with the line of every value, and hostile ones refused."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from bench.errors import InputError
from bench.suite.yamlfile import MAX_BYTES, parse_value, read


def refused(path) -> list[str]:
    with pytest.raises(InputError) as error:
        read(path)
    return [str(fault).removeprefix(f"{path}: ") for fault in error.value.faults]


def test_every_value_has_its_line(write):
    text = textwrap.dedent(
        """\
        title: x
        variants:
          xla:
            xla: on

        models:
          - a
          - {network: b,
             freeze: 1}
        """
    )
    document = read(write(text))
    assert document.data == {
        "title": "x",
        "variants": {"xla": {"xla": True}},
        "models": ["a", {"network": "b", "freeze": 1}],
    }
    assert document.lines == {
        (): 1,
        ("title",): 1,
        ("variants",): 2,
        ("variants", "xla"): 3,
        ("variants", "xla", "xla"): 4,
        ("models",): 6,
        ("models", 0): 7,
        ("models", 1): 8,
        ("models", 1, "network"): 8,
        ("models", 1, "freeze"): 9,
    }
    assert not document.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5e-5", 5e-5),
        ("1_000", 1000),
        ("010", 10),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ("-.inf", -float("inf")),
        (".5", 0.5),
        ("1.", 1.0),
        ("off", False),
        ("Yes", True),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("=", "="),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_plain_values(text, value):
    found = parse_value(text, "here")
    assert (type(found), found) == (type(value), value)


def test_anchors_and_merge_keys(write):
    text = textwrap.dedent(
        """\
        a: &a {x: 1, y: 1}
        b: &b {y: 2, z: 2}
        c:
          z: 3
          <<: [*a, *b]
        d: *a
        """
    )
    document = read(write(text))
    assert document.data["c"] == {"x": 1, "y": 1, "z": 3}
    assert document.data["d"] == {"x": 1, "y": 1}
    assert [document.lines["c", key] for key in "xyz"] == [1, 1, 4]
    assert document.lines[("d",)] == 6


def test_a_byte_order_mark_and_windows_line_ends(write):
    document = read(write(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"))
    assert document.data == {"a": 1, "b": 2}
    assert document.lines[("b",)] == 2


def billion_laughs() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefghi", "bcdefghij", strict=True)]
    return "\n".join(lines)


def merging_laughs() -> str:
    lines = ["a: &a {x: 1}"]
    lines += [f"{b}: &{b} {{<<: [*{a}, *{a}, *{a}, *{a}]}}" for a, b in zip("abcdefghi", "bcdefghij", strict=True)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty; a mapping of keys and values is wanted"),
        ("# nothing\n---\n", "is empty; a mapping of keys and values is wanted"),
        ("\n- a\n", "2: must hold a mapping of keys and values, is a list; write `key: value` lines"),
        ("just text", "1: must hold a mapping of keys and values, is the text 'just text'; write `key: value` lines"),
        ("a: 1\n--- \nb: 2\n", "2: a second document begins here; keep one document a file"),
        ("a: 1\nb: [1, 2\nc: 3\n", "3: not YAML: expected ',' or ']', but got ':'; a bracket or brace is not closed"),
        ("a: 1\nb: c: d\n", "2: not YAML: mapping values are not allowed here; text that holds a colon"),
        ("a:\n\tb: 1\n", "2: not YAML: found character '\\t' that cannot start any token; indent with spaces"),
        ("a: 1\nb: *c\n", "2: not YAML: found undefined alias 'c'; an anchor (&name) comes before its alias"),
        ('a: "b\n', "2: not YAML: found unexpected end of stream; a quote is not closed"),
        ("a: 1\nb: \x07\n", "2: the control character U+0007 is not allowed in YAML; remove it"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', "2: not YAML: an escape or a version is out of range; write the character itself"),
        ('a: "\\ud800"\n', "1: '\\ud800' holds a character that isn't seen (\\ud800); leave it out"),
        (b"a: 1\nb: \xff\n", "2: is not UTF-8; save it in UTF-8"),
        ("a: " + "[" * 5000, "1: nested more than 40 deep; write it out in plain, flat YAML"),
        ("a: 1\nb: &b\n- *b\n", "3: the anchor 'b' holds itself; write it out in plain, flat YAML"),
        ("a: &a\n  <<: *a\n", "2: the anchor 'a' holds itself; write it out in plain, flat YAML"),
        (billion_laughs(), "1: aliases expand to more than 100,000 values; write it out in plain YAML"),
        (merging_laughs(), "1: aliases expand to more than 100,000 values; write it out in plain YAML"),
        ("a: [" + "1," * 100_001 + "]", "1: more than 100,000 values; write it out in plain, flat YAML"),
        ("a: " + "x" * MAX_BYTES, "is larger than 1 MiB; such files hold a few KB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(write, text, fault):
    path = write(text)
    try:
        faults = [*read(path).faults]
    except InputError as error:
        faults = [*error.faults]
    (only,) = faults
    assert str(only).removeprefix(f"{path}:").strip().startswith(fault)


def test_faults_that_reading_goes_on_after_are_kept_together(write):
    text = textwrap.dedent(
        """\
        a: 1
        a: 2
        b: !!python/object/apply:os.system ["touch /tmp/owned"]
        c: !mine {x: !!set {y}}
        5: five
        on: off
        [d]: e
        f: !!int four
        g: 99999999999999999999
        <<: 3
        """
    )
    path = write(text)
    document = read(path)
    assert document.data["a"] == 1
    assert [str(fault).removeprefix(f"{path}:") for fault in document.faults] == [
        "2: the key 'a' stands twice; the first is on line 1",
        "5: the key '5' reads as 5; put it in quotes",
        "6: the key 'on' reads as true (on); put it in quotes",
        "7: a key must be text, is a list or a mapping; write a plain word",
        "10: '<<' merges mappings only; name the anchor of a mapping",
        "3: the tag '!!python/object/apply:os.system' is not allowed here; only plain data is read: leave the tag out",
        "4: the tag '!mine' is not allowed here; only plain data is read: leave the tag out",
        "4: the tag '!!set' is not allowed here; only plain data is read: leave the tag out",
        "8: the tag '!!int' is not allowed here; only plain data is read: leave the tag out",
        "9: '99999999999999999999' is beyond 64 bits; write a smaller number",
    ]
    assert {("b",), ("c",), ("f",)} <= document.broken


def test_an_absent_file_a_folder_and_a_pipe(tmp_path):
    assert refused(tmp_path / "none.yaml") == ["no such file; name a YAML file"]
    assert refused(tmp_path) == ["is a folder; name a YAML file"]
    os.mkfifo(tmp_path / "pipe.yaml")
    assert refused(tmp_path / "pipe.yaml") == ["is a named pipe; name a YAML file"]
    assert "File name too long" in refused(tmp_path / ("x" * 5000))[0]
    assert "is no file name" in refused(tmp_path / "a\0b")[0]


def test_a_file_that_may_not_be_read(write):
    path = write("a: 1\n")
    path.chmod(0)
    program = textwrap.dedent(
        f"""\
        import os
        from pathlib import Path
        from bench.errors import InputError
        from bench.suite.yamlfile import read
        os.chdir("/")
        path = os.open({str(path.parent)!r}, os.O_RDONLY)
        os.fchdir(path)
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            read(Path({path.name!r}))
        except InputError as error:
            print(error)
        """
    )
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{path.name}: can't be read: permission denied; make it readable (chmod u+r)\n"


def test_a_value_from_the_command_line_names_its_origin():
    with pytest.raises(InputError) as error:
        parse_value("{a: !!x b, a: 1}", "--set x")
    assert str(error.value) == (
        "--set x: the key 'a' stands twice; the first is on line 1\n"
        "--set x: the tag '!!x' is not allowed here; only plain data is read: leave the tag out"
    )
    with pytest.raises(InputError, match=r"^--set y: not YAML: .*, or a bracket or brace is not closed$"):
        parse_value("[", "--set y")
