"""The 2010 API's spellings, beside what the libraries read."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.page import Page

from pointsman.core.types import AccountSid, Millis
from pointsman.ports import Account, ApiKey
from pointsman.wire import accounts as wire
from pointsman.wire.pages import read_page
from pointsman.wire.spelling import rfc2822

AT = Millis(1_772_442_720_456)
SID = "SK" + "0" * 20 + "0000000000ff"
KEY = ApiKey(
    sid=SID,
    account=AccountSid("AC1"),
    secret_hash="h",
    friendly_name="n",
    created_ms=AT,
    updated_ms=Millis(AT + 1000),
    secret="the secret",
)
ACCOUNT = Account(sid=AccountSid("AC1"), auth_token="t", friendly_name="n", created_ms=AT)


def test_times_are_those_of_mail() -> None:
    """To the very pattern that the Node library reads [clients]."""
    assert rfc2822(AT) == "Mon, 02 Mar 2026 09:12:00 +0000"
    assert parsedate_to_datetime(str(rfc2822(AT))).timestamp() == AT // 1000


def test_a_key_has_its_secret_only_when_it_is_new() -> None:
    assert wire.key(KEY) == {
        "sid": SID,
        "friendly_name": "n",
        "date_created": "Mon, 02 Mar 2026 09:12:00 +0000",
        "date_updated": "Mon, 02 Mar 2026 09:12:01 +0000",
    }
    assert wire.new_key(KEY, "s") == wire.key(KEY) | {"secret": "s"}
    assert "secret" not in repr(KEY)


def test_an_account_owns_itself_unless_another_made_it() -> None:
    body = wire.account(ACCOUNT)
    assert (body["owner_account_sid"], body["status"], body["type"]) == ("AC1", "active", "Full")
    assert body["date_updated"] == body["date_created"]
    assert body["subresource_uris"] == {"keys": "/2010-04-01/Accounts/AC1/Keys.json"}
    made = Account(sid=AccountSid("AC2"), auth_token="t", friendly_name="", created_ms=AT, owner=ACCOUNT.sid)
    assert wire.account(made)["owner_account_sid"] == "AC1"


def test_a_page_has_one_member_that_the_library_takes_for_the_rows() -> None:
    """All others have names that it knows [clients]."""
    request = read_page([("FriendlyName", "a b"), ("PageSize", "2"), ("Page", "1"), ("PageToken", f"PA{SID}")], ("SK",))
    page: dict[str, Any] = wire.page("keys", [{}, {}], request, "/k.json", first=SID, last=SID)
    assert set(page) - Page.META_KEYS == {"keys"}
    assert (page["page"], page["page_size"], page["start"], page["end"]) == (1, 2, 2, 3)
    assert page["uri"] == f"/k.json?FriendlyName=a+b&PageSize=2&Page=1&PageToken=PA{SID}"
    assert page["next_page_uri"] == f"/k.json?FriendlyName=a+b&PageSize=2&Page=2&PageToken=PA{SID}"
    assert page["previous_page_uri"] == f"/k.json?FriendlyName=a+b&PageSize=2&Page=0&PageToken=PB{SID}"
    only = wire.page("keys", [], read_page([], ("SK",)), "/k.json", first=None, last=None)
    assert (only["next_page_uri"], only["previous_page_uri"], only["start"], only["end"]) == (None, None, 0, 0)
