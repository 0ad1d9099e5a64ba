"""Assignment callbacks: parameters, addresses, signatures, replies."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from pointsman.wire import callbacks
from tests.spec import recorded
from tests.unit.wire.logged import logged

# The body of 2018 has the same names, but its repository put them in an order of its own.
OLD_ORDER = ("2018-webhook-reservation",)
PARAMETERS = {"TaskSid": "WT1", "TaskAttributes": '{"name":"Jürgen ☎"}', "TaskAge": "0", "Empty": ""}
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("body", recorded("assignment-callbacks/*.json"))
def test_parameters_are_those_recorded(body: dict[str, str], request: pytest.FixtureRequest) -> None:
    sent = callbacks.assignment(logged(body))

    assert sent == body
    if not any(name in request.node.name for name in OLD_ORDER):
        assert list(sent) == list(body)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/",
        "https://example.com/assign",
        "http://example.com:8080/assign?a=1&b=%20x",
        "https://user:secret@example.com:8443/assign",
        "https://user:p%40ss@example.com/assign?x=y",
        "https://Example.COM/assign#rc=2&ct=100",
        "http://example.com/with space/ü?q=ü+1",
        "http://müller.example/x",
        "http://[::1]:8080/x",
    ],
)
def test_the_official_validator_accepts_the_signature_over_what_arrives(url: str) -> None:
    """Of the URL as the receiver knows it: as requested, with the credentials that its owner configured."""
    where = callbacks.address(url)
    signature = callbacks.signature(TOKEN, where.signed_url, PARAMETERS)
    credentials = url.partition("://")[2].rpartition("@")[0]
    arrived = where.url.replace("://", f"://{credentials}@") if credentials else where.url

    assert RequestValidator(TOKEN).validate(arrived, PARAMETERS, signature)
    assert not RequestValidator(TOKEN[::-1]).validate(arrived, PARAMETERS, signature)
    assert "#" not in where.url
    assert "secret" not in where.url


@pytest.mark.parametrize("value", ["", "a b+c&d=e", "50%", "ü☎", "\n\0", "~-_.", "x" * 5_000 + "é", "٣"])
def test_a_form_says_what_it_was_given(value: str) -> None:
    parameters = {"Name": value, "A-b": "1"}
    assert callbacks.form(parameters).decode() == urlencode(parameters)


def test_credentials_are_decoded_and_legal_characters_stay_as_they_were_written() -> None:
    where = callbacks.address("https://us%65r:p%40ss:word@example.com/a%2Fb;c?x=%7E,[1]&y=a+b")

    assert (where.user, where.password) == ("user", "p@ss:word")
    assert where.url == "https://example.com/a%2Fb;c?x=%7E,[1]&y=a+b"
    assert where.host == "example.com"


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://user:secret@x/", "http://", "http://user:secret@", "http://user:secret@h:99999/", "//x"],
)
def test_what_cannot_be_requested_is_refused_without_quoting_credentials(url: str) -> None:
    with pytest.raises(ValueError, match="the URL") as refused:
        callbacks.address(url)

    assert "secret" not in str(refused.value)


JSON = "application/json"


@pytest.mark.parametrize(
    ("status", "content_type", "body", "expected"),
    [
        (200, JSON, {"instruction": "accept"}, callbacks.Reply({"instruction": "accept"}, "accept")),
        (200, "Application/JSON; charset=utf-8", {"instruction": " ACCEPT "}, "accept"),
        (200, JSON, {"instruction": "reject"}, callbacks.Reply({"instruction": "reject"}, "reject")),
        (
            200,
            JSON,
            {"instruction": "reject", "activity_sid": "WA1"},
            callbacks.Reply({"instruction": "reject", "worker_activity_sid": "WA1"}, "reject"),
        ),
        (200, JSON, {"instruction": "reject", "activity_sid": None}, "reject"),
        (
            200,
            JSON,
            {"instruction": "accept", "activity_sid": "WA1"},
            callbacks.Reply({"instruction": "accept", "worker_activity_sid": "WA1"}, "accept"),
        ),
        (200, JSON, {"instruction": "dequeue", "activity_sid": "WA1"}, "dequeue"),  # no key of this instruction
        (200, JSON, "", callbacks.Reply()),
        (200, "text/html", "  \n", callbacks.Reply()),
    ],
)
def test_a_reply_is_an_instruction_or_deliberately_none(
    status: int, content_type: str, body: Any, expected: callbacks.Reply | str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)

    reply = callbacks.read_reply(status, content_type, text.encode())

    if isinstance(expected, str):
        expected = callbacks.Reply({"instruction": expected}, expected)
    assert reply == expected


@pytest.mark.parametrize(
    ("status", "content_type", "body", "problem"),
    [
        (204, "", "", "status 204, expected 200"),
        (201, JSON, '{"instruction":"accept"}', "status 201, expected 200"),
        (302, "", "", "status 302, expected 200"),
        (500, JSON, '{"instruction":"accept"}', "status 500, expected 200"),
        (200, "text/html", '{"instruction":"accept"}', "40000: content type text/html, expected application/json"),
        (200, "", '{"instruction":"accept"}', "40000: content type missing, expected application/json"),
        (200, JSON, "instruction=accept", "40001: the reply is not valid JSON"),
        (200, JSON, "\xff", "40001: the reply is not valid JSON"),
        (200, JSON, "[" * 100_000, "40001: the reply is not valid JSON"),
        (200, JSON, json.dumps('{"instruction":"accept"}'), "40001: the reply is JSON, but not an object"),
        (200, JSON, "[]", "40001: the reply is JSON, but not an object"),
    ],
)
def test_anything_else_is_no_answer(status: int, content_type: str, body: str, problem: str) -> None:
    reply = callbacks.read_reply(status, content_type, body.encode("latin-1"))

    assert (reply.problem or "").startswith(problem)
    assert (reply.values, reply.warning) == (None, None)


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        ({}, "40005: the reply has no instruction"),
        ({"instruction": None}, "40005: the reply has no instruction"),
        ({"instruction": ""}, "40005: the reply has no instruction"),
        ({"instruction": 5}, "40005: the reply has no instruction"),
        ({"instruction": "dance\n"}, r"55555: unknown instruction 'dance\n'"),
        ({"instruction": "reject", "activity_sid": 5}, "40100: activity_sid must be a string"),
    ],
)
def test_an_answer_without_a_usable_instruction_is_warned_of(body: Any, warning: str) -> None:
    reply = callbacks.read_reply(200, JSON, json.dumps(body).encode())

    assert (reply.values, reply.problem, reply.warning) == (None, None, warning)
