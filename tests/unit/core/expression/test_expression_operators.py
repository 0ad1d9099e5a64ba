"""What each operator means, a row for each rule; the marks say where it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.expression import Context, compile_expression, equal, equality_key

WORKER: dict[str, Any] = {
    "lang": "en",
    "level": 5,
    "text_level": "6",
    "share": 0.5,
    "vip": True,
    "flag": 1,
    "nothing": None,
    "skills": ["sales", "support", "7", 3],
    "holes": [None, "x"],
    "nested": [["a"], {"b": 1}],
    "address": {"city": "Bath", "lines": ["1 Row", "Top"], "in": "there"},
    "zip": 94110,
    "quote": 'it\'s "so"\n',
}

ROWS = [
    # == and =                                            [docs: expression-syntax]
    ('lang == "en"', True),
    ("lang = 'en'", True),
    ('"en" == lang', True),
    ("1==1", True),
    ("lang == 'EN'", False),  # case-sensitive [inferred]
    ("level == 5", True),
    ("level == 5.0", True),
    ("level == 005", True),  # leading zeros [docs]
    ("'language' == 'spanish'", False),  # a quoted key is a constant [inferred]
    # != and <>
    ("lang != 'fr'", True),
    ("lang <> 'fr'", True),  # [inferred]
    ("lang != 'en'", False),
    # order                                               [docs: expression-syntax]
    ("level < 6", True),
    ("level <= 5", True),
    ("level > 5", False),
    ("level >= 5", True),
    ("5 <= level", True),
    ("share > 0.25", True),
    ("level > -1", True),  # a minus sign [inferred]
    ("lang < 'fr'", True),  # strings by code point [inferred]
    ("lang < 'En'", False),
    # numbers and numeric strings                         [docs: task-queue]
    ("text_level > 5", True),
    ("text_level == 6", True),
    ("text_level == 6.0", True),
    ("level == '5'", True),
    ("level == '5.0'", True),
    ("level != '5'", False),
    ("level <= '05'", True),
    ("text_level == '06'", False),  # two strings are strings [inferred]
    ("text_level > '10'", True),
    ("level < '1e3'", False),  # only plain decimals are numeric [inferred]
    ("level == ' 5'", False),
    ("level == '+5'", False),
    ("level < 'inf'", False),
    ("level < '1_000'", False),
    # other mixed kinds: unequal and without order        [inferred]
    ("lang == 5", False),
    ("lang != 5", True),
    ("lang < 5", False),
    ("lang >= 5", False),
    ("vip == true", True),
    ("vip == 1", False),  # true is no number
    ("vip != 1", True),
    ("flag == true", False),
    ("flag == 1", True),
    ("vip == 'true'", False),
    ("vip > false", False),
    ("address == 'Bath'", False),  # an object equals nothing
    ("address != 'Bath'", True),
    ("address == address", False),
    ("address == null", False),
    ("address > 1", False),
    # null and what is missing                            [code: techmatters][inferred]
    ("absent != true", True),
    ("absent == true", False),
    ("absent == null", True),
    ("absent == NULL", True),
    ("nothing == null", True),
    ("lang != null", True),
    ("absent != null", False),
    ("absent == nothing", True),
    ("absent < 1", False),
    ("absent <= absent", False),
    ("absent == ''", False),
    # an array has no scalar operator                     [docs: expression-syntax]
    ("skills == 'sales'", False),
    ("skills != 'sales'", False),
    ("skills == null", False),
    ("skills != null", True),  # [docs: workflows-and-assignment]
    ("null != skills", True),
    ("skills != absent", True),
    ("[] != null", True),
    ("address != null", True),
    ("address == null", False),
    ("skills == skills", False),
    ("skills < 5", False),
    ("skills CONTAINS 'sales'", False),
    ("lang != ['en']", False),
    ("[] == []", False),
    # HAS and >-                                          [docs: expression-syntax]
    ("skills HAS 'sales'", True),
    ("skills >- 'sales'", True),
    ("skills HAS 'sale'", False),
    ("skills HAS 7", True),  # elements compare by == [inferred]
    ("skills HAS '3'", True),
    ("skills HAS lang", False),
    ("['en', 'fr'] HAS lang", True),
    ("lang HAS 'en'", False),  # two scalars [docs]
    ("lang HAS 'e'", False),
    ("absent HAS 'en'", False),
    ("address HAS 'city'", False),
    ("nested HAS ['a']", False),
    ("[true] HAS 1", False),
    ("[level, lang] HAS 5", True),
    ("holes HAS null", False),  # null is a member of nothing [inferred]
    ("holes HAS absent", False),
    # IN and <-                                           [docs: expression-syntax]
    ("lang IN ['en', 'fr']", True),
    ("lang <- ['en', 'fr']", True),
    ("lang IN ['de', 'fr']", False),
    ("lang IN []", False),
    ("'sales' IN skills", True),  # literal left, name right [obs]
    ("7 IN skills", True),
    ("level IN [4, '5']", True),
    ("lang IN 'en'", False),  # IN on a string [obs]
    ("lang IN absent", False),
    ("absent IN ['en']", False),  # [inferred]
    ("absent IN [null]", False),
    ("skills IN [skills]", False),
    ("skills IN ['sales']", False),
    # NOT IN [docs: task-queue], NOT HAS [inferred]
    ("'fr' NOT IN skills", True),  # [code: regal docs]
    ("'sales' NOT IN skills", False),
    ("lang NOT IN ['de', 'fr']", True),
    ("lang NOT IN ['en', 5]", False),
    ("absent NOT IN ['en']", True),
    ("lang NOT IN absent", False),  # an array operator without an array
    ("lang NOT IN 'fr'", False),
    ("skills NOT IN ['x']", False),
    ("address NOT IN ['x']", True),
    ("skills NOT HAS 'fr'", True),
    ("skills NOT HAS 'sales'", False),
    ("skills NOT HAS 3", False),
    ("absent NOT HAS 'fr'", False),
    ("NOT absent HAS 'fr'", True),
    # CONTAINS                                            [docs: expression-syntax]
    ("address.city CONTAINS 'at'", True),
    ("address.city CONTAINS 'AT'", False),
    ("address.city CONTAINS ''", True),
    ("zip CONTAINS '41'", True),  # an integer is its digits [inferred]
    ("'a5' CONTAINS level", True),
    ("vip CONTAINS 'r'", False),
    ("absent CONTAINS ''", False),
    ("lang CONTAINS absent", False),
    # names                                               [docs: expression-syntax]
    ("address.lines[1] == 'Top'", True),
    ("address.lines[ 01 ] == 'Top'", True),
    ("address.lines[2] == null", True),
    ("nested[0][0] == 'a'", True),
    ("nested[1].b == 1", True),
    ("lang.x == null", True),
    ("lang[0] == null", True),
    ("skills.x.y.z.a.b == null", True),
    ("worker.lang == 'en'", True),
    ("address.in == 'there'", True),  # a keyword is a name after a dot [inferred]
    ("worker == null", True),  # the attribute of that name
    # strings                                             [inferred]
    (r"quote == 'it\'s \"so\"\n'", True),
    (r'quote == "it\'s \"so\"\n"', True),
    (r"'a\\b' CONTAINS '\\'", True),
    # logic; AND before OR, NOT before both               [inferred]
    ("1==1 OR 1==1 AND 1==2", True),
    ("(1==1 OR 1==1) AND 1==2", False),
    ("NOT 1==2 AND 1==1", True),
    ("NOT (1==1 OR 1==2)", False),
    ("NOT (NOT 1==1)", True),
    # keywords and constants in any case                  [docs: known-agent-routing][so: 55847305]
    ("skills has 'sales' and lang in ['en'] or not vip == FALSE", True),
    ("lang not in ['fr'] And vip == True", True),
    ("lang Contains 'n' aNd absent == Null", True),
    ("order == null", True),  # `or` is only part of this name
    ("lang IN['en']AND(level==5)", True),
    ("  lang\n==\t'en' ", True),
]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_an_operator_means_this(text: str, expected: bool) -> None:
    """[routing 5.1, docs: expression-syntax + docs: task-queue]"""
    assert compile_expression(text, Context.QUEUE).matches(None, WORKER, None, None) is expected


def test_numbers_beyond_what_python_prints_are_still_numbers() -> None:
    """JSON from elsewhere may hold an integer of any length; writing it out would raise past 4,300 digits."""
    huge = {"n": 10**5_000, "s": "9" * 5_000}
    for text, expected in (
        ("n > 5.5", True),
        ("n == '1e999'", False),
        ("n CONTAINS '1'", False),
        ("s > 5", False),
    ):
        assert compile_expression(text, Context.QUEUE).matches(None, huge, None, None) is expected


def test_equal_values_share_a_key() -> None:
    """The key may bring together what differs, never keep apart what is equal."""
    sample: list[Any] = [
        None,
        True,
        False,
        0,
        1,
        5,
        5.0,
        "5",
        "05",
        "5.0",
        "-5",
        -5,
        "en",
        "",
        "nan",
        10**30,
        [],
        {},
    ]
    for left in sample:
        for right in sample:
            assert not equal(left, right) or equality_key(left) == equality_key(right)
    assert equality_key("en") != equality_key("fr")
