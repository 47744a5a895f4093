"""No rule and no panel asks for a metric or a label that is not there: they are held against /metrics."""

import json
import re
from collections.abc import Iterator

import pytest

from orbia.document import OPERATIONS
from orbia.paths import REPOSITORY
from prometheus import ALERTS, MTAIL_PROGRAM, RECORDS, rules
from service import Service, settings_of

DASHBOARD = REPOSITORY / "deploy" / "grafana" / "orbia-conversation.json"
# The labels that Prometheus itself gives each series.
OWN_LABELS = {"job", "instance"}
# Metrics that have no sample on a stack without TLS to its database, or that nobody has limited, with the labels that
# they have elsewhere. That they are there is for test_database_tls.py and test_memory_limit.py to say.
WITHOUT_SAMPLE = {
    "orbia_database_certificate_expiry_timestamp_seconds": {"host"},
    "orbia_database_own_certificate_expiry_timestamp_seconds": set(),
    "process_resident_memory_bytes_limit": set(),
}
SELECTOR = re.compile(r"\b((?:orbia|process)_\w+|orbia(?::\w+)+|up\b)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\bby \(([^)]*)\)")


def queries() -> Iterator:
    """Each with the labels that its alert's text or its panel's legend shows."""
    for rule in rules(RECORDS) + rules(ALERTS):
        shown = re.findall(r"\$labels\.(\w+)", rule.get("annotations", {}).get("summary", ""))
        yield pytest.param(rule["expr"], shown, id=rule.get("alert") or rule["record"])
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield pytest.param(target["expr"], re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]), id=panel["title"])


@pytest.fixture(scope="module")
def known(stack, make_directory) -> dict[str, dict[str, set]]:
    """The labels of every metric, each with the values that it has; for those of rules and of mtail, no values."""
    with Service(make_directory(), settings_of(stack)).running() as service:
        text = service.page("/metrics").body.decode()
    found = {"up": {}}
    for name in re.findall(r"^# TYPE (\w+)", text, re.MULTILINE):
        found[name] = {label: set() for label in WITHOUT_SAMPLE.get(name, ())}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, {})
        for label, _, value in MATCHER.findall(labels):
            found[name].setdefault(label, set()).add(value)
    for name, labels in re.findall(r"^counter (\w+) by (.*)$", MTAIL_PROGRAM.read_text(), re.MULTILINE):
        found[name] = {label: set() for label in labels.split(", ")}
    for rule in rules(RECORDS):
        found[rule["record"]] = {label: set() for label in labels_grouped_by(rule["expr"]) - {"le"}}
    return found


def labels_grouped_by(query: str) -> set[str]:
    return {label for labels in GROUPING.findall(query) for label in labels.split(", ")}


@pytest.mark.parametrize("query, shown", queries())
def test_a_query_asks_only_for_what_is_there(known, query, shown):
    asked = SELECTOR.findall(query)
    assert asked
    for name, matchers in asked:
        assert name in known
        for label, how, value in MATCHER.findall(matchers):
            assert label in known[name].keys() | OWN_LABELS, (name, label)
            # A status has a sample once it was answered.
            if how == "=" and known[name].get(label) and label != "status":
                assert value in known[name][label], (name, label)
    labels = OWN_LABELS.union({"le"}, *(known[name] for name, _ in asked))
    assert labels_grouped_by(query) | set(shown) <= labels


def test_every_metric_of_the_service_is_explained(known):
    """In the table of docs/operations.md. A bound is explained with what it bounds."""
    [chapter] = re.findall(r"^## Watching it\n(.*?)^###? ", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)
    explained = set(re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", chapter))
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in known
             if name.startswith(("orbia_", "process_")) and not name.startswith("orbia_nginx_")}
    assert len(names) > 50
    assert {name for name in names if name not in explained and name.removesuffix("_limit") not in explained} == set()
