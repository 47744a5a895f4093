"""The files of deploy/prometheus and deploy/grafana, held against promtool and the runbook."""

import json
import re
import subprocess

import pytest
import yaml

from orbia.paths import REPOSITORY

FILES = REPOSITORY / "deploy" / "prometheus"
RULES = {name: FILES / f"orbia-conversation-{name}.yml" for name in ("records", "alerts")}
UNIT_TESTS = sorted(FILES.glob("*-test.yml"))
DASHBOARD = REPOSITORY / "deploy" / "grafana" / "orbia-conversation.json"
# Those of Grafana's units that it uses: counts and requests a second, seconds, bytes, a share of 1, plain numbers.
UNITS = {"cps", "reqps", "s", "bytes", "percentunit", "short"}
RUNBOOK = (REPOSITORY / "docs" / "operations.md").read_text()


def promtool(*arguments) -> str:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules(name: str) -> list[dict]:
    return [rule for group in yaml.safe_load(RULES[name].read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[dict]:
    return rules("alerts")


def panels() -> list[dict]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def test_promtool_takes_the_configuration_and_the_rules_that_it_names():
    output = promtool("check", "config", FILES / "prometheus.yml")

    assert "2 rule files found" in output


def test_every_rule_does_as_its_unit_tests_say():
    assert promtool("test", "rules", *UNIT_TESTS).count("SUCCESS") == len(UNIT_TESTS) == 3


def test_every_alert_has_a_unit_test_of_either_kind():
    tests = [each for file in UNIT_TESTS for test in yaml.safe_load(file.read_text())["tests"]
             for each in test.get("alert_rule_test", [])]
    names = [alert["alert"] for alert in alerts()]

    assert len(names) == len(set(names)) >= 12
    assert {each["alertname"] for each in tests if each["exp_alerts"]} == set(names)
    assert {each["alertname"] for each in tests if not each["exp_alerts"]} == set(names)


def test_every_record_has_a_unit_test():
    expressions = " ".join(each["expr"] for file in UNIT_TESTS for test in yaml.safe_load(file.read_text())["tests"]
                           for each in test.get("promql_expr_test", []))

    assert [rule["record"] for rule in rules("records") if rule["record"] not in expressions] == []


def test_every_alert_has_its_section_in_the_runbook_and_every_section_its_alert():
    [chapter] = re.findall(r"^## Alerts\n(.*?)^## ", RUNBOOK, re.MULTILINE | re.DOTALL)

    assert re.findall(r"^### (.*)$", chapter, re.MULTILINE) == [alert["alert"] for alert in alerts()]


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_what_is_wrong_how_urgent_it_is_and_where_to_read_on(alert):
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook"] == f"docs/operations.md#{alert['alert'].lower()}"


def test_the_dashboard_is_one_that_grafana_imports():
    """As Grafana's schema of a dashboard has it: version 37 is one of Grafana 9, which later ones take, too."""
    dashboard = json.loads(DASHBOARD.read_text())

    assert dashboard["schemaVersion"] == 37
    assert dashboard["title"] and re.fullmatch(r"[\w-]{1,40}", dashboard["uid"])
    assert "id" not in dashboard, "the id is Grafana's to give"
    assert [(variable["name"], variable["type"]) for variable in dashboard["templating"]["list"]] == [
        ("datasource", "datasource"), ("job", "query")]


def test_every_panel_says_what_it_shows_in_which_unit_and_what_to_make_of_it():
    assert len(panels()) >= 12
    for panel in panels():
        assert panel["type"] in ("timeseries", "table"), panel["title"]
        assert panel["title"] and panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert references and len(set(references)) == len(references), panel["title"]
        assert all(target["expr"] and target["legendFormat"] for target in panel["targets"]), panel["title"]
    titles = [panel["title"] for panel in panels()]
    assert len(set(titles)) == len(titles)


def test_no_panel_lies_over_another_one_or_beyond_the_dashboard():
    everything = json.loads(DASHBOARD.read_text())["panels"]
    taken = [(panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y) for panel in everything
             for x in range(panel["gridPos"]["w"]) for y in range(panel["gridPos"]["h"])]

    assert len({panel["id"] for panel in everything}) == len(everything)
    assert len(set(taken)) == len(taken)
    assert all(0 <= x < 24 for x, _ in taken)


def test_an_alert_that_a_panel_names_is_there():
    named = {name for panel in panels() for name in re.findall(r"\bOrbia[A-Z]\w+", panel["description"])}

    assert named and named <= {alert["alert"] for alert in alerts()}


def test_promtool_takes_every_query_of_the_dashboard(tmp_path):
    queries = [target["expr"].replace("$job", ".*") for panel in panels() for target in panel["targets"]]
    recorded = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}))

    assert f"{len(queries)} rules found" in promtool("check", "rules", tmp_path / "queries.yml")
