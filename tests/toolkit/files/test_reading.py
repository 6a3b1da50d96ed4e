"""A file is read row by row, and a broken line is set aside with its number and text."""

from decimal import Decimal

import pytest

from crossdock import ConfigError
from crossdock.toolkit.files import ERROR, LINE, RAW, open_csv, open_json_lines


def csv_of(path, text, **how):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with open_csv(path, **how) as table:
        return table.columns, list(table.rows)


def json_of(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with open_json_lines(path) as rows:
        return list(rows)


def test_csv_rows_are_numbered(tmp_path):
    """A row carries the number of the line it begins on, also after a field with line ends in it."""
    columns, rows = csv_of(tmp_path / "a.csv", 'code,text\nA,"one\ntwo"\n\nB,x\n')
    assert columns == (LINE, RAW, ERROR, "code", "text")
    assert rows == [(2, None, None, "A", "one\ntwo"), (5, None, None, "B", "x")]


def test_byte_order_mark_is_passed_over(tmp_path):
    """The mark that Excel puts in front does not become part of the first column's name."""
    assert csv_of(tmp_path / "a.csv", b"\xef\xbb\xbfcode\r\nA\r\n") == (
        (LINE, RAW, ERROR, "code"),
        [(2, None, None, "A")],
    )


def test_encoding_and_delimiter(tmp_path):
    """A file in another encoding, with another delimiter, is read as its settings say."""
    _, rows = csv_of(tmp_path / "a.csv", "code;text\nA;Café\n".encode("cp1252"), encoding="cp1252", delimiter=";")
    assert rows == [(2, None, None, "A", "Café")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"B", "1 fields where the header has 2"),
        (b"B,x,y", "3 fields where the header has 2"),
        (b"B,caf\xe9", "not utf-8 text"),
        (b'"B"x,y', "expected"),
    ],
)
def test_broken_csv_line_is_set_aside(tmp_path, line, reason):
    """A line that does not fit gives a row without any value but its number, text and reason; the next goes on."""
    _, rows = csv_of(tmp_path / "a.csv", b"code,text\nA,1\n" + line + b"\nC,3\n")
    assert [row[0] for row in rows] == [2, 3, 4]
    _number, raw, why, *values = rows[1]
    assert raw.startswith(line.decode("utf-8", "replace"))
    assert reason in why
    assert values == [None, None]
    assert rows[2][3:] == ("C", "3")


def test_open_quote_at_the_end_is_set_aside(tmp_path):
    """A file cut off within quotes ends in a broken row, not in silence."""
    _, rows = csv_of(tmp_path / "a.csv", 'code,text\nA,1\nB,"half')
    assert [row[2] is None for row in rows] == [True, False]


@pytest.mark.parametrize("text", ["", "\n", "a,a\n1,2\n"])
def test_csv_without_a_usable_header(tmp_path, text):
    """No header, an empty one or a column named twice stops the read and says so."""
    with pytest.raises(ConfigError, match=r"header|more than one column"):
        csv_of(tmp_path / "a.csv", text)


def test_missing_file_says_where_it_looked(tmp_path):
    """A missing file is a wrong setting, and the message holds the whole path."""
    with pytest.raises(ConfigError, match=r"no-such\.csv"), open_csv(tmp_path / "no-such.csv"):
        pass


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-encoding"])
def test_unusable_encoding(tmp_path, encoding):
    """An encoding that is not there or cannot be read line by line is a wrong setting."""
    path = tmp_path / "a.csv"
    path.write_text("code\nA\n")
    with pytest.raises(ConfigError, match="encoding"), open_csv(path, encoding=encoding):
        pass


def test_json_lines_keep_numbers_exactly(tmp_path):
    """Objects carry their line; numbers with a point arrive as the decimals that stand there."""
    assert json_of(tmp_path / "a.jsonl", '{"code":"A","price":0.10}\n\n{"code":"B"}\n') == [
        {"code": "A", "price": Decimal("0.10"), LINE: 1},
        {"code": "B", LINE: 3},
    ]


@pytest.mark.parametrize("line", [b'{"code":"B"', b"[1]", b'{"code":"\xff"}', b"nonsense"])
def test_broken_json_line_is_set_aside(tmp_path, line):
    """A line that is no JSON object gives its number, text and reason alone; the next goes on."""
    rows = json_of(tmp_path / "a.jsonl", b'{"code":"A"}\n' + line + b'\n{"code":"C"}\n')
    assert [row.get("code") for row in rows] == ["A", None, "C"]
    assert set(rows[1]) == {LINE, RAW, ERROR}
    assert rows[1][LINE] == 2


def test_reading_holds_little_in_memory(tmp_path):
    """Rows come one at a time: the first is there before the last has been read."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"code":"A"}\n' * 1000)
    with open_json_lines(path) as rows:
        assert next(rows) == {"code": "A", LINE: 1}
        path.unlink()
        assert next(rows) == {"code": "A", LINE: 2}
