from pathlib import Path

import pytest

from bench.errors import InputError
from bench.report.blocks import END, Block, blocks, refreshed

HERE = Path("README.md")


def test_a_block_says_what_it_shows_and_where():
    text = f"# Ours\n<!-- bench report suite --suite cnn --suite 'my own' --host t4 --level 2 -->\nold\n{END}\nend\n"
    assert blocks(text, HERE) == (Block(2, 4, "suite", ("cnn", "my own"), ("t4",), 2),)


def test_examples_in_code_are_left_alone():
    mark = "<!-- bench report handout -->"
    text = f"```\n{mark}\n```\n    {mark}\n~~~~ html\n{mark}\n~~~\n{END}\n~~~~\n`{mark}`\n{mark}\n{END}\n"
    assert [(block.line, block.end) for block in blocks(text, HERE)] == [(11, 12)]


def test_what_stands_between_the_marks_is_replaced_and_nothing_else():
    text = f"a\n<!-- bench report handout -->\n{END}\nb\n<!-- bench report hosts -->\n\nold\nolder\n\n{END}\nc"
    once = refreshed(text, {block: f"# {block.name}\n" for block in blocks(text, HERE)})
    handout, hosts = "<!-- bench report handout -->", "<!-- bench report hosts -->"
    assert once == f"a\n{handout}\n\n# handout\n\n{END}\nb\n{hosts}\n\n# hosts\n\n{END}\nc"
    assert refreshed(once, {block: f"# {block.name}\n" for block in blocks(once, HERE)}) == once


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("handuot", "no tables are called 'handuot'; did you mean 'handout'?"),
        ("", "a mark without a name; one of handout, "),
        ("suite --sute cnn", "a mark has no '--sute'; did you mean '--suite'?"),
        ("suite --suite", "'--suite' without a value"),
        ("suite --suite 'cnn", "a mark that can't be read (No closing quotation)"),
        ("suite --level 7", "'--level 7': a heading has a level from 1 to 6"),
        ("hosts --host t4", "'hosts' are the tables of all hosts and suites"),
    ],
)
def test_a_mark_that_is_wrong_is_told_with_its_line(mark, told):
    with pytest.raises(InputError) as raised:
        blocks(f"\n<!-- bench report {mark} -->\n{END}\n", HERE)
    assert str(raised.value).startswith(f"README.md:2: {told}")


def test_marks_without_their_other_are_told_together():
    begin = "<!-- bench report handout -->"
    with pytest.raises(InputError) as raised:
        blocks(f"{END}\n{begin}\n{begin}\n{END}\n{begin}\n", HERE)
    assert [(fault.line, fault.what) for fault in raised.value.faults] == [
        (1, "an end without a beginning"),
        (2, "a block that doesn't end"),
        (5, "a block that doesn't end"),
    ]
