"""The served description, as it is made from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pointsman.core.limits import Limits
from pointsman.core.types import Millis, WorkspaceSid
from pointsman.ports import Delivery
from pointsman.resources import OPERATIONS, Field, Operation, Parameter
from pointsman.resources.log import DELIVERY_FIELDS
from pointsman.resources.types import Bool, Count, Int, SidOf, Text
from pointsman.wire import deliveries, schemas
from pointsman.wire.openapi import BESIDE, document, operation_id

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def whole() -> Schema:
    return document(OPERATIONS, "/", "1.2.3")


def operations(whole: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def response(whole: Schema, operation: Schema, status: str) -> Schema:
    found: Schema = operation["responses"][status]
    if "$ref" in found:
        found = whole["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return found


def test_every_operation_is_described_once_and_has_a_name_of_its_own(whole: Schema) -> None:
    described = {(method.upper(), path) for method, path, _ in operations(whole)}
    assert described == {(each.method, each.path) for each in (*OPERATIONS, *BESIDE)}
    names = [operation["operationId"] for _, _, operation in operations(whole)]
    assert len(names) == len(set(names)) == len(OPERATIONS) + len(BESIDE)


def test_what_is_referred_to_is_there_and_what_is_there_is_referred_to(whole: Schema) -> None:
    kept = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers", "responses")
        for name in whole["components"][kind]
    }
    assert set(references(whole)) == kept


def test_every_type_that_is_declared_has_a_schema_of_its_own() -> None:
    """One that is not known to `schemas` would be described as any text, or as anything."""
    declared: dict[str, object] = {}
    for operation in OPERATIONS:
        for each in (*operation.query, *operation.form, *operation.json):
            declared[type(each.type).__name__] = each.type
        for field in operation.fields:
            declared[type(field.type).__name__] = field.type
    assert {name for name, kind in declared.items() if not schemas.is_known(kind)} == set()


_MAY_BE_GONE = ("UpdateTaskReservation", "UpdateWorkerReservation", "FetchEventStream")


def test_each_operation_has_its_success_and_only_the_refusals_that_it_can_come_to(whole: Schema) -> None:
    for declared in OPERATIONS:
        found = whole["paths"][declared.path][declared.method.lower()]
        statuses = set(found["responses"])
        assert {str(declared.status), "400", "401", "429", "500", "503"} <= statuses
        assert ("404" in statuses) == ("{" in declared.path or declared.method == "DELETE")
        assert ("412" in statuses) == declared.if_match
        assert ("413" in statuses) == ("415" in statuses) == (declared.method == "POST")
        assert ("410" in statuses) == (operation_id(declared) in _MAY_BE_GONE)
        assert "405" not in statuses, "a method that a path lacks is not described"


def test_credentials_are_managed_under_refusals_of_their_own(whole: Schema) -> None:
    key = whole["paths"]["/2010-04-01/Accounts/{AccountSid}/Keys.json"]["post"]
    assert {"201", "403", "404"} <= set(key["responses"])
    token = whole["paths"]["/v1/AuthTokens/Secondary"]
    assert {"201", "403", "409"} <= set(token["post"]["responses"])
    assert {"204", "403", "404"} <= set(token["delete"]["responses"])


def test_a_list_of_the_2010_api_has_no_meta(whole: Schema) -> None:
    listed = whole["paths"]["/2010-04-01/Accounts/{AccountSid}/Keys.json"]["get"]
    properties = response(whole, listed, "200")["content"]["application/json"]["schema"]["properties"]
    assert "meta" not in properties
    assert {"keys", "next_page_uri"} <= set(properties)


def test_two_answers_of_one_resource_may_have_different_fields(whole: Schema) -> None:
    """A new API key shows its secret once."""
    shown = whole["components"]["schemas"]
    assert set(shown["CreateApiKeyAnswer"]["properties"]) - set(shown["ApiKey"]["properties"]) == {"secret"}


def test_only_what_stands_beside_the_api_is_open_to_everybody(whole: Schema) -> None:
    assert whole["security"] == [{"basic": []}]
    opened = [path for _, path, operation in operations(whole) if operation.get("security") == []]
    assert opened == ["/health", "/openapi.json"]


def test_versioned_answers_have_an_etag_and_refusals_their_headers(whole: Schema) -> None:
    item = whole["paths"]["/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}"]
    assert "ETag" in response(whole, item["get"], "200")["headers"]
    assert "ETag" not in response(whole, item["delete"], "204")["headers"]
    assert "content" not in response(whole, item["delete"], "204")
    assert "WWW-Authenticate" in response(whole, item["get"], "401")["headers"]
    assert "Retry-After" in response(whole, item["get"], "429")["headers"]
    required = {name for name, each in whole["components"]["headers"].items() if each["required"]}
    assert {"ETag", "WWW-Authenticate", "Twilio-Request-Id"} <= required
    assert not {"Retry-After", "X-Rate-Limit-Limit"} & required


def test_a_page_has_its_rows_under_their_key(whole: Schema) -> None:
    listed = whole["paths"]["/v1/Workspaces/{WorkspaceSid}/TaskChannels"]["get"]
    page = response(whole, listed, "200")["content"]["application/json"]["schema"]
    assert page["required"] == ["meta", "channels"]
    assert page["properties"]["channels"]["items"] == {"$ref": "#/components/schemas/TaskChannel"}


def test_a_form_is_described_in_both_encodings_and_a_json_body_in_its_own(whole: Schema) -> None:
    created = whole["paths"]["/v1/Workspaces/{WorkspaceSid}/Workers"]["post"]["requestBody"]
    assert created["required"] is True
    assert set(created["content"]) == {"application/x-www-form-urlencoded", "multipart/form-data"}
    bulk = Operation(
        resource="figure",
        name="create",
        method="POST",
        path="/v1/Workspaces/{WorkspaceSid}/Figures",
        status=200,
        doc="Ask for many.",
        json=(Parameter("queue_sids", SidOf("WQ"), "Of these.", required=True, many=True),),
        fields=(Field("count", Count(), "So many."),),
    )
    request = document([bulk], "/", "1")["paths"][bulk.path]["post"]["requestBody"]
    assert set(request["content"]) == {"application/json"}


def test_parameters_carry_their_bounds_and_their_words() -> None:
    limits = Limits()
    assert schemas.accepted(Parameter("size", Int(1, 9), "How many."), limits) == {
        "type": "integer",
        "minimum": 1,
        "maximum": 9,
        "description": "How many.",
    }
    assert schemas.accepted(Parameter("many", Bool(), "Which.", many=True), limits) == {
        "type": "array",
        "items": {"type": "boolean"},
        "description": "Which. Expected: true, 1 or yes for true; anything else is false.",
    }


def test_the_description_follows_the_limits_that_the_operator_moved() -> None:
    moved = document(OPERATIONS, "/", "1", Limits(attributes_length_max=77))
    request = moved["components"]["schemas"]["CreateTaskRequest"]
    assert request["properties"]["Attributes"]["maxLength"] == 77


def test_fields_that_may_be_null_say_so() -> None:
    body = schemas.body((Field("a", SidOf("WK"), null=True), Field("b", Text())))
    assert body["properties"]["a"]["type"] == ["string", "null"]
    assert body["properties"]["b"]["type"] == "string"
    assert body["required"] == ["a", "b"]


def test_a_delivery_has_the_fields_that_are_declared() -> None:
    workspace = WorkspaceSid("WS" + "1" * 32)
    delivery = Delivery(
        workspace=workspace, kind="event", seq=1, url="http://a/", created_ms=Millis(1), due_ms=Millis(1)
    )
    assert set(deliveries.body(delivery, None, "http://router")) == {field.name for field in DELIVERY_FIELDS}
