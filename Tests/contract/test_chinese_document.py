"""docs/api.zh-CN.md, the API document's successor: its examples are valid, and nothing of openapi.yaml is left out.

What looks for faults takes a document's text, so that the last tests can show that it finds them.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from specification import DOCUMENT, OPERATIONS, REPOSITORY, answer_content, answers, request_content, validator

TEXT = (REPOSITORY / "docs" / "api.zh-CN.md").read_text()
THE_DOCUMENT = REPOSITORY.parent / "shared" / "api" / "conversation-api.zh.md"

# The mark of what the API document does not have.
ADDITION = "【新增】"

# Where answers of several routes are described: chapters, and the route in whose section the keys of messages are.
COMMON_CHAPTERS = ("通用约定", "系统消息", "引用", "等待新消息")
COMMON_ROUTE = "get_messages"
ERRORS_CHAPTER = "错误处理"


# The document -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """A JSON block with the line that introduces it, and the route of its section; None: it is in no such section."""

    introduction: str
    route: str | None
    text: str

    @property
    def value(self):
        return json.loads(without_comments(self.text))

    @property
    def schema(self) -> dict:
        """Of what the introduction says it is."""
        if self.route not in (None, *OPERATIONS):
            raise ValueError("there is no such route")
        if self.introduction.startswith(("**请求参数**", "**请求示例**")):
            return request_content(self.route)["schema"]
        if self.introduction.startswith("**响应示例**"):
            return answer_content(self.route)["schema"]
        if self.introduction.startswith("**消息示例**"):
            return {"$ref": "#/components/schemas/Message"}
        if self.introduction.startswith("示例错误响应"):
            return {"$ref": "#/components/schemas/Error"}
        raise ValueError(f"{self.introduction!r} does not say what the example is")


def without_comments(block: str) -> str:
    return re.sub(r"\s//.*$", "", block, flags=re.MULTILINE)


def blocks(text: str, language: str) -> list:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def headings(text: str) -> list:
    """Those of chapters and sections, in their order. A comment in a block of code is none."""
    return re.findall(r"^#+ .*$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)


def chapter(text: str, title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def sections(text: str) -> dict:
    """The section of each route, by the route's name."""
    found = {}
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE):
        if route := re.search(r"^\*\*路由\*\*: `POST (/\S+)`$", section, re.MULTILINE):
            found[route[1].rsplit("/", 1)[1]] = section
    return found


def examples(text: str) -> Iterator[Example]:
    routes = {section: route for route, section in sections(text).items()}
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE):
        for match in re.finditer(r"^```json\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
            lines = [line for line in section[:match.start()].splitlines() if line]
            yield Example(lines[-1] if lines else "", routes.get(section), match[1])


def names(text: str, key: str) -> bool:
    """Whether a text has a key: in an example, or as code, alone or behind the key that it is in."""
    return re.search(rf'"{key}":|`(?:\w+\.)?{key}`', text) is not None


# openapi.yaml -----------------------------------------------------------------------------------------------


def parts(schema: dict, seen=frozenset()) -> Iterator[dict]:
    """A schema and all that it is made of: keys, elements, alternatives, conditions."""
    if reference := schema.get("$ref"):
        if reference in seen:
            return
        yield from parts(DOCUMENT["components"]["schemas"][reference.rsplit("/", 1)[1]], seen | {reference})
    yield schema
    for part in [*schema.get("properties", {}).values(),
                 *(schema.get(key) for key in ("items", "if", "then", "else")),
                 *(part for key in ("prefixItems", "anyOf", "oneOf", "allOf") for part in schema.get(key, []))]:
        if isinstance(part, dict):
            yield from parts(part, seen)


def keys(schema: dict) -> set:
    return {key for part in parts(schema) for key in part.get("properties", {})}


def values(schema: dict) -> set:
    """The texts that a schema spells out."""
    found = {value for part in parts(schema) for value in [*part.get("enum", []), part.get("const")]}
    return {value for value in found if isinstance(value, str)}


def request_properties(route: str) -> dict:
    """The keys of a request with their schemas, whose references are followed."""
    found = {}
    for part in parts(request_content(route)["schema"]):
        for key, schema in part.get("properties", {}).items():
            referred = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
            found[key] = {**referred, **schema, **found.get(key, {})}
    return found


def errors() -> set:
    """Each status with the messages that are declared for it, by their schemas, examples and descriptions."""
    found = set()
    for route in OPERATIONS:
        for status, answer in answers(route).items():
            if status == 200:
                continue
            content = answer["content"]["application/json"]
            messages = values(content["schema"])
            messages |= {example["value"]["base_resp"]["message"] for example in content["examples"].values()}
            # Code of several words is a message. A line may end within one.
            messages |= set(re.findall(r"`([a-z][^`]* [^`]*)`", " ".join(answer["description"].split())))
            found |= {(status, message) for message in messages}
    return found


# What can be wrong ------------------------------------------------------------------------------------------


def bad_examples(text: str) -> list:
    """Examples that are no JSON, or not valid, with the reason."""
    found = []
    for example in examples(text):
        try:
            validator(example.schema).validate(example.value)
        # The validator's own errors have the same base.
        except ValueError as error:
            found.append((example.route, example.introduction, str(error)))
    return found


def missing_sections(text: str) -> set:
    """Routes of openapi.yaml without a section, and sections without such a route."""
    return set(OPERATIONS) ^ set(sections(text))


def missing_examples(text: str) -> list:
    """Routes without an example of a request or of an answer."""
    shown = {(example.route, example.introduction[2:4]) for example in examples(text)}
    return [(route, kind) for route in OPERATIONS for kind in ("请求", "响应") if (route, kind) not in shown]


def missing_keys(text: str) -> list:
    """Keys of requests that their route's section lacks, and keys of answers that the common parts lack, too."""
    found = []
    common = sections(text).get(COMMON_ROUTE, "") + "".join(chapter(text, title) for title in COMMON_CHAPTERS)
    for route in OPERATIONS:
        section = sections(text).get(route, "")
        found += [(route, key) for key in sorted(keys(request_content(route)["schema"])) if not names(section, key)]
        found += [(route, key) for key in sorted(keys(answer_content(route)["schema"]))
                  if not names(section + common, key)]
    return found


def unmarked_additions(text: str) -> list:
    """Keys of requests that openapi.yaml calls an addition, and the document does not."""
    found = []
    for route in OPERATIONS:
        section = sections(text).get(route, "")
        # The mark of a whole section is its first paragraph.
        if section.split("\n\n")[1:2] == [ADDITION]:
            continue
        for key, schema in request_properties(route).items():
            if "*Addition.*" in schema.get("description", "") and not any(
                    names(line, key) and ADDITION in line for line in section.splitlines()):
                found.append((route, key))
    return found


def missing_limits(text: str) -> list:
    """Greatest lengths of requests' keys that their route's section does not say."""
    found = []
    for route in OPERATIONS:
        section = sections(text).get(route, "")
        for key, schema in request_properties(route).items():
            maximum = schema.get("maxLength")
            lines = [line for line in section.splitlines() if names(line, key)]
            if maximum and not any(re.search(rf"(?<![\d,])({maximum}|{maximum:,})(?![\d,])", line) for line in lines):
                found.append((route, key, maximum))
    return found


def missing_values(text: str) -> set:
    """Texts that requests and answers can have, and the document does not name."""
    needed = set()
    for route in OPERATIONS:
        needed |= values(request_content(route)["schema"]) | values(answer_content(route)["schema"])
    return {value for value in needed if not re.search(rf"(?<![a-z_]){re.escape(value)}(?![a-z_])", text)}


def missing_errors(text: str) -> list:
    """Errors that the chapter on them does not have, in a line of a table that begins with their status."""
    rows = [line for line in chapter(text, ERRORS_CHAPTER).splitlines() if line.startswith("|")]
    return sorted((status, message) for status, message in errors()
                  if not any(str(status) in row.split("|")[1] and f"`{message}`" in row for row in rows))


# The tests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [
    bad_examples, missing_sections, missing_examples, missing_keys, unmarked_additions, missing_limits, missing_values,
    missing_errors], ids=lambda faults: faults.__name__)
def test_it_has_none_of_these_faults(faults):
    found = faults(TEXT)
    assert not found


def test_its_links_lead_somewhere():
    anchors = {re.sub(r"[^\w -]", "", re.sub(r"^#+ ", "", heading)).lower().replace(" ", "-")
               for heading in headings(TEXT)}
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in anchors
        else:
            assert (REPOSITORY / "docs" / target.partition("#")[0]).exists()


@pytest.mark.parametrize("faults, old, new", [
    (bad_examples, '"limit": 20', '"limit": 0'),
    (bad_examples, '"has_more": true,', '"has_more": true'),
    (bad_examples, '"unread_count": 0,', ""),
    (bad_examples, '"status": "sent",', '"status": "sent", "no_such_key": 1,'),
    (bad_examples, "**响应示例**", "**例**"),
    (missing_sections, "conversation/mark_read`", "conversation/mark_unread`"),
    (missing_examples, "**请求参数**", "参数"),
    (missing_keys, "read_up_to", "read_up_until"),
    (missing_keys, "retry_after", "retry_later"),
    (unmarked_additions, "| `wait` | 否 | 【新增】", "| `wait` | 否 | "),
    (missing_limits, "最多 500 个字符", "最多 5000 个字符"),
    (missing_limits, "65,535", "65,536"),
    (missing_values, "support", "help"),
    (missing_errors, "| 409 |", "| 400 |"),
    (missing_errors, "`too many requests`", "`too many`"),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_fault_is_found(faults, old, new):
    assert old in TEXT
    assert faults(TEXT.replace(old, new))


# The API document itself, which lies beside the checkout where the service is developed ---------------------

needs_the_document = pytest.mark.skipif(not THE_DOCUMENT.exists(), reason="the API document is not here")


def extends(new, old) -> bool:
    """Whether a value has all that another one has, in its order, and perhaps more keys."""
    if isinstance(old, dict):
        return (isinstance(new, dict) and [key for key in new if key in old] == list(old)
                and all(extends(new[key], old[key]) for key in old))
    if isinstance(old, list):
        return isinstance(new, list) and len(new) == len(old) and all(map(extends, new, old))
    return type(new) is type(old) and new == old


def is_subsequence(old: list, new: list) -> bool:
    rest = iter(new)
    return all(item in rest for item in old)


@needs_the_document
def test_it_has_the_documents_chapters_in_their_order():
    assert is_subsequence(headings(THE_DOCUMENT.read_text()), headings(TEXT))


@needs_the_document
def test_it_has_the_documents_examples():
    """The one of an error alone says another status than the document's list of codes, and is corrected."""
    *old, error = [json.loads(without_comments(block)) for block in blocks(THE_DOCUMENT.read_text(), "json")]
    new = [example.value for example in examples(TEXT)]

    assert len(old) == 10
    assert [each for each in old if not any(extends(example, each) for example in new)] == []
    assert new[-1] == {"base_resp": {**error["base_resp"], "code": 403}}


@needs_the_document
def test_it_has_the_documents_code():
    assert set(blocks(THE_DOCUMENT.read_text(), "javascript")) <= set(blocks(TEXT, "javascript"))
