"""Editing `.env` files: what is ours changes, every other byte stays."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.cli import dotenv
from pointsman.cli.dotenv import BOM, Unreadable, edit, read

WANTED = {"A_SID": "AC1", "TOKEN": "t2"}


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (b"", {}),
        (b"A=1\nB = 2 \n", {"A": "1", "B": "2"}),
        (b"  export A=1\r\nexport\tB=2", {"A": "1", "B": "2"}),
        (b"A=1 # note\nB='1 # no note'\n#C=3\n", {"A": "1", "B": "1 # no note"}),
        (b"A=\nB=''\n", {"A": "", "B": ""}),
        (b"A: 1\nB:2\n", {"A": "1"}),
        (b'A="x\nB=2\n"\nC=3\n', {"A": "x\nB=2\n", "C": "3"}),
        (b'A="x\nB=2\n', {"A": '"x', "B": "2"}),
        (b'A="x" y\n', {"A": '"x" y'}),
        (b"A=1\nA=2\n", {"A": "2"}),
        (BOM + b"A=1\n", {"A": "1"}),
        (b"A=1\rB=2\r", {"A": "1", "B": "2"}),
        (b"not an entry\nA=1\n", {"A": "1"}),
        (b"A=\xc3\xa9\xff\n", {"A": "é�"}),
    ],
)
def test_values_are_read_as_the_dotenv_package_does(content: bytes, values: dict[str, str]) -> None:
    """Its grammar, with quotes, comments and line ends of all kinds."""
    assert read(content) == values


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"A_SID=AC1\nTOKEN=t2\n"),
        (b"X=1", b"X=1\nA_SID=AC1\nTOKEN=t2\n"),
        (b"X=1\r\n", b"X=1\r\nA_SID=AC1\r\nTOKEN=t2\r\n"),
        (b"# A_SID=old\n\n", b"# A_SID=old\n\nA_SID=AC1\nTOKEN=t2\n"),
        (b"export A_SID='AC1' # mine\n", b"export A_SID='AC1' # mine\nTOKEN=t2\n"),
        (b'X="\nA_SID=inside\n"\n', b'X="\nA_SID=inside\n"\nA_SID=AC1\nTOKEN=t2\n'),
        (BOM, BOM + b"A_SID=AC1\nTOKEN=t2\n"),
        (BOM + b"A_SID=AC1\n", BOM + b"A_SID=AC1\nTOKEN=t2\n"),
    ],
)
def test_missing_keys_come_at_the_end(before: bytes, after: bytes) -> None:
    """In the line ends of the file; force changes nothing about that."""
    assert edit(before, WANTED, force=False).content == after
    assert edit(before, WANTED, force=True).content == after


def test_another_value_is_left_and_reported() -> None:
    """Even an empty one; what is the same needs no word."""
    result = edit(b"TOKEN=t2\nA_SID=\n", WANTED, force=False)
    assert result == (b"TOKEN=t2\nA_SID=\n", [], [], ["A_SID"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A_SID=old\nX=1\nTOKEN=t2", b"A_SID=AC1\nX=1\nTOKEN=t2"),
        (b"\texport A_SID = 'old'  # mine\r\nTOKEN: \"x\"\r\n", b"\texport A_SID = 'AC1'  # mine\r\nTOKEN: \"t2\"\r\n"),
        (b"A_SID=1\nTOKEN=t2\nA_SID=2\n", b"A_SID=AC1\nTOKEN=t2\nA_SID=AC1\n"),
        (b"A_SID=#none\nTOKEN=t2\n", b"A_SID=AC1 #none\nTOKEN=t2\n"),
        (b'A_SID="a\nb"\nTOKEN=`t`\n', b'A_SID="AC1"\nTOKEN=`t2`\n'),
        (BOM + b"A_SID=old\nTOKEN=t2\n", BOM + b"A_SID=AC1\nTOKEN=t2\n"),
    ],
)
def test_with_force_values_are_replaced_in_place(before: bytes, after: bytes) -> None:
    """Quotes, blanks, comments and line ends stay, and so do doubles, which then agree."""
    assert edit(before, WANTED, force=True).content == after


@pytest.mark.parametrize("token", ["a b", "a#b", "it's", 'say "x"', "`", "back\\slash", " blank ", "=", "$HOME", "ü"])
def test_odd_values_are_quoted(token: str) -> None:
    """A token that was set by hand can be anything."""
    assert read(edit(b"X=1\n", {"TOKEN": token}, force=False).content)["TOKEN"] == token
    assert read(edit(b"TOKEN='x'\n", {"TOKEN": token}, force=True).content)["TOKEN"] == token


@pytest.mark.parametrize(
    ("content", "token"),
    [
        ("A=1\n".encode("utf-16"), "t"),
        (b"A=1\n", "'\"`"),
        (b"A='open\n", "#b"),  # our own quotes would end it
    ],
)
def test_what_can_not_be_edited_is_refused(content: bytes, token: str) -> None:
    """Rather than spoiled."""
    with pytest.raises(Unreadable):
        edit(content, {"TOKEN": token}, force=False)


OTHER_LINES = st.one_of(
    st.sampled_from(
        [b"", b"# a comment", b"# don't", b"X=1", b"export Y='a b'", b'Z="q" # c', b"  ", b"W: 7", b"words"]
    ),
    st.binary(max_size=12).filter(lambda line: not {0, 10, 13, *b"'\"`"} & {*line} and b"TOKEN" not in line),
)
OUR_LINES = st.sampled_from([b"A_SID=old", b"export TOKEN='t2'", b'TOKEN="x" # note', b"A_SID=", b" A_SID = AC1"])


@given(
    st.lists(st.one_of(OTHER_LINES, OUR_LINES), max_size=8),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", BOM]),
    st.booleans(),
    st.booleans(),
)
def test_other_lines_never_change(lines: list[bytes], newline: bytes, mark: bytes, ended: bool, force: bool) -> None:
    """Whatever else is in the file, byte for byte; and doing it again changes nothing."""
    content = mark + newline.join(lines) + (newline if ended and lines else b"")
    there = read(content)
    result = edit(content, WANTED, force=force)

    def ours(line: bytes) -> bool:
        return any(key.encode() in line for key in WANTED)

    after = re.split(rb"[\r\n]+", result.content.removeprefix(mark))
    assert [line for line in after if not ours(line) and line] == [line for line in lines if not ours(line) and line]
    if not force:
        assert result.content.startswith(content)
    values = read(result.content)
    assert {key: values[key] for key in there if key not in WANTED} == {
        key: value for key, value in there.items() if key not in WANTED
    }
    assert all(values[key] == value for key, value in WANTED.items() if force or key not in there)
    assert edit(result.content, WANTED, force=force).content == result.content


# --- files --------------------------------------------------------------------------------------------------------


def test_the_file_is_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    """It holds a token."""
    real, link = tmp_path / "real", tmp_path / ".env"
    real.write_bytes(b"X=1\n")
    real.chmod(0o644)
    link.symlink_to(real)
    dotenv.write_file(link, b"X=2\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"X=2\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == [".env", "real"]


def test_files_that_can_not_be_edited_are_told_in_one_line(tmp_path: Path) -> None:
    """Before anything else is done."""
    assert dotenv.read_file(tmp_path / ".env") is None
    with pytest.raises(Unreadable, match="there is no folder"):
        dotenv.read_file(tmp_path / "no" / ".env")
    with pytest.raises(Unreadable, match="Is a directory"):
        dotenv.read_file(tmp_path)
    (tmp_path / "wide").write_bytes("A=1".encode("utf-16"))
    with pytest.raises(Unreadable, match="not text in UTF-8"):
        dotenv.read_file(tmp_path / "wide")
