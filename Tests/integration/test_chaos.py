"""scripts/chaos: a short run, in which nothing is lost or doubled, and whether it would notice."""

import json
import subprocess

from stack import REPOSITORY, environment, free_port

CHAOS = REPOSITORY / "scripts" / "chaos"


def test_the_comparison_notices_what_is_wrong():
    done = subprocess.run([CHAOS, "--self-check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_lost_or_doubled_while_everything_is_killed(make_directory):
    directory = make_directory()
    ports = [f"--{name}={free_port()}" for name in ("http", "https", "status")]
    done = subprocess.run(
        [CHAOS, "--no-install", f"--dir={directory}", *ports, "--seconds=24", "--kills=8", "--clients=8", "--readers=2",
         "--seed=1"],
        env=environment(MARIADB_BUFFER_POOL="128M"), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    figures = json.loads((directory / "chaos.json").read_text())
    assert figures["wrong"] and not any(figures["wrong"].values())
    assert {event["kind"] for event in figures["events"]} >= {"instance", "database", "connections", "nginx reload"}
    assert figures["acknowledged"] > 100
