"""openapi.yaml itself: a valid file, whose examples fit their schemas, of all that the service has and no more."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import PREFIX, ROUTES
from specification import DOCUMENT, OPERATIONS, REPOSITORY, answers, request_content, validator

ROUTES_OF_THE_SOURCE = REPOSITORY / "Sources" / "Handlers" / "Route.swift"
ERRORS_OF_THE_SOURCE = REPOSITORY / "Sources" / "Handlers" / "Errors" / "APIError.swift"
NGINX = REPOSITORY / "nginx" / "orbia-conversation.conf"


def contents():
    """Everything in the file that has a schema and examples."""
    for name in OPERATIONS:
        yield pytest.param(request_content(name), id=f"{name} request")
        for status, answer in answers(name).items():
            yield pytest.param(answer["content"]["application/json"], id=f"{name} {status}")


def test_it_is_valid():
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("content", list(contents()))
def test_its_examples_fit_their_schemas(content):
    assert content["examples"]
    for example in content["examples"].values():
        validator(content["schema"]).validate(example["value"])


def test_it_has_the_routes_of_the_service():
    of_the_source = re.findall(r'^ +case \w+ = "(/.*)"$', ROUTES_OF_THE_SOURCE.read_text(), re.MULTILINE)
    assert sorted(DOCUMENT["paths"]) == sorted(of_the_source) == sorted(PREFIX + name for name in ROUTES)
    for item in DOCUMENT["paths"].values():
        assert list(item) == ["post"]


@pytest.mark.parametrize("name", ROUTES)
def test_the_service_has_its_routes(api, name):
    """401 is an endpoint's answer; what is no route is a 404 before the token is looked at."""
    api.post(None, name, {}).error(401)
    api.post(None, name + "s_", {}).error(404)


def declared_message(status, message) -> bool:
    """Whether the file knows an error: as one of the values of its schema, or else in its description."""
    texts = " ".join(json.dumps(answer, ensure_ascii=False) for name in OPERATIONS
                     for code, answer in answers(name).items() if code == status)
    return message in " ".join(texts.replace("\\n", " ").split())


def test_it_has_the_errors_of_the_service():
    source = ERRORS_OF_THE_SOURCE.read_text()
    errors = re.findall(r'status: (\d+), *message: "([^"\\]+)"', re.sub(r"\s+", " ", source))
    errors += [("401", message) for message in re.findall(r'case \.\w+: "([^"\\]+)"$', source.split("JSONError")[0],
                                                          re.MULTILINE)]
    errors += [("400", message) for message in re.findall(r'case \.\w+: "([^"\\]+)"$', source.split("JSONError")[1],
                                                          re.MULTILINE)]
    assert len(errors) > 15
    assert [error for error in errors if not declared_message(int(error[0]), error[1])] == []


def test_it_has_the_errors_of_nginx():
    errors = re.findall(r'"code":(\d+),"message":"([^"]+)"', NGINX.read_text())
    assert len(errors) > 10
    assert [error for error in errors if not declared_message(int(error[0]), error[1])] == []
