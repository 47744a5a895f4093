"""openapi.yaml as the tests read it: as a document, and as what schemathesis generates requests from."""

import copy
import os

import jsonschema_rs
import schemathesis
import yaml

from orbia.paths import REPOSITORY

FILE = REPOSITORY / "openapi.yaml"

SEED = int(os.environ.get("CONTRACT_SEED", "1"))
CASES = int(os.environ.get("CONTRACT_CASES", "1000"))

DOCUMENT = yaml.safe_load(FILE.read_text())
OPERATIONS = {path.rsplit("/", 1)[1]: item["post"] for path, item in DOCUMENT["paths"].items()}


def request_content(name: str) -> dict:
    """Schema and examples of an endpoint's body."""
    return OPERATIONS[name]["requestBody"]["content"]["application/json"]


def answers(name: str) -> dict:
    """An endpoint's declared answers by status, with references followed."""
    return {int(status): _followed(answer) for status, answer in OPERATIONS[name]["responses"].items()}


def answer_content(name: str, status=200) -> dict:
    return answers(name)[status]["content"]["application/json"]


def document_request(name: str) -> dict:
    """The API document's example of a request."""
    return request_content(name)["examples"]["document"]["value"]


def example_request(name: str) -> dict:
    """The first example of a request: the API document's, where the route is in that."""
    return next(iter(request_content(name)["examples"].values()))["value"]


def document_answer(name: str) -> dict:
    """The API document's example of a success, with what this service adds."""
    return answer_content(name)["examples"]["document"]["value"]


def validator(schema: dict) -> jsonschema_rs.Draft202012Validator:
    """Of a schema that stands somewhere in the document. With the patterns of JSON Schema, which are not Python's."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def generator(cases=CASES) -> schemathesis.BaseSchema:
    """Generates so many random requests for each endpoint, beside the examples and the bounds of every key."""
    document = copy.deepcopy(DOCUMENT)
    # Hypothesis makes no text longer than that. test_contract.py has this bound in a test of its own.
    del document["components"]["schemas"]["SendMessage"]["properties"]["content"]["maxLength"]
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict({
        "seed": SEED,
        "generation": {
            "max-examples": cases,
            "database": "none",
            # The token is the tests' own to give, or to leave out.
            "with-security-parameters": False,
        },
        "checks": {
            "positive_data_acceptance": {"expected-statuses": [200, 404, 409]},
            "negative_data_rejection": {"expected-statuses": [400]},
            # It sends each request twice more. test_contract.py has tests of its own for it.
            "ignored_auth": {"enabled": False},
        },
    }))


def _followed(value: dict) -> dict:
    if "$ref" not in value:
        return value
    found = DOCUMENT
    for key in value["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found
