"""The pure parts: names that survive DuckDB, statements that are read word by word."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.snowflake.errors import SnowflakeError
from tests.snowflake.identifiers import decode, dotted, encode, quote
from tests.snowflake.reader import Reader

names = st.text(st.characters(exclude_categories=("Cs", "Co", "Cc")), min_size=1, max_size=20)


@given(names)
def test_encoded_name_comes_back(name: str) -> None:
    """And encoding twice changes nothing more."""
    assert decode(encode(name)) == name
    assert encode(encode(name)) == encode(name)


@given(names, names)
def test_encoded_names_differ_without_regard_to_ascii_case(one: str, other: str) -> None:
    """DuckDB folds ASCII letters; what differs for Snowflake must differ for it."""
    folded = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
    assert (encode(one).translate(folded) == encode(other).translate(folded)) == (one == other)


@given(st.lists(names, min_size=1, max_size=3), st.sampled_from(["", " -- it's /* \n", '/* " */', "\n"]))
def test_reader_reads_the_name_that_was_quoted(parts: list[str], noise: str) -> None:
    """Whatever is in it, comments around it included."""
    reader = Reader(f"DROP {noise} TABLE {'.'.join(map(quote, parts))} {noise} CASCADE;")
    reader.expect("DROP TABLE")
    assert reader.name() == tuple(parts)
    assert reader.take("CASCADE")
    assert reader.done


def test_unquoted_names_are_upper_case() -> None:
    """And printed without quotes where that is possible."""
    assert Reader('analytics."Dwh".t$1').name() == ("ANALYTICS", "Dwh", "T$1")
    assert dotted("ANALYTICS", "Dwh", "T$1", "1A", "") == 'ANALYTICS."Dwh".T$1."1A".""'


def test_options_end_where_the_query_begins() -> None:
    """NAME = value pairs, strings without their quotes."""
    reader = Reader("WAREHOUSE = wh COMMENT = 'it''s \\\\ $' TARGET_LAG='1 hour' AS SELECT 1")
    assert reader.options() == {"WAREHOUSE": "wh", "COMMENT": "it's \\ $", "TARGET_LAG": "1 hour"}
    reader.expect("AS SELECT 1")


def test_what_is_not_expected_is_a_syntax_error() -> None:
    """With the place, as Snowflake says it."""
    reader = Reader("ALTER 'x'")
    reader.expect("ALTER")
    with pytest.raises(SnowflakeError, match="position 6 unexpected ''x''"):
        reader.name()
