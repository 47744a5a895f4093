"""The measurement of scripts/load --waiters: open pages that wait, and beside them pages that poll."""

import argparse
import math
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orbia.figures import plural
from orbia.load.delivery import Delivery, Events, account, percentile, rates
from orbia.load.generator import Generator, build
from orbia.load.waiters_dataset import Client, choose_clients, make_dataset, members_of, write_sends
from orbia.machine import raise_file_limit
from orbia.processes import anonymous_memory, busy_times, children, cpu_times
from orbia.resilience.instances import await_new
from orbia.stack import Stack
from orbia.stack_options import stack_of
from orbia.terminal import say

# That a client asks for, in seconds.
WAIT = 25
# Of each of nginx's worker processes; see nginx/local/nginx.conf.
_NGINX_CONNECTIONS = 16_384
# An instance's own ORBIA_WAITERS.
_USUAL_WAITERS = 10_000
# Seconds until the rates are steady, once all clients are there.
_SETTLING = 5
# Seconds after the last send in which a message counts as delivered, beyond a polling client's interval.
_LATEST = 5
_WARM_UP_CLIENTS = 200


def measure_waiters(options: argparse.Namespace) -> list[dict]:
    """The figures with clients that wait; with --poll, those with as many that poll, too."""
    raise_file_limit()
    # Not evenly spread, and with connections that nginx keeps for the next request.
    nginx_workers = max(os.cpu_count() or 1, math.ceil(2.3 * options.waiters / _NGINX_CONNECTIONS))
    with stack_of(options, Stack, "--nginx-workers", str(nginx_workers), instances=options.instances,
                  settings=_settings(options)) as stack:
        make_dataset(stack, options.waiters)
        program = build(stack.directory)
        clients = choose_clients(options.waiters)
        _warm_up(stack, program, clients)
        measurement = _Measurement(stack, program, clients, options)
        results = [measurement.run(WAIT, options.poll or 4)]
        if options.poll:
            results.append(measurement.run(0, options.poll))
    return results


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """Room for the waiters, also while one of the instances is restarted."""
    share = math.ceil(1.2 * options.waiters / max(options.instances - options.restart, 1))
    room = {"ORBIA_WAITERS": share, "ORBIA_CONNECTIONS": share + 1000} if share > _USUAL_WAITERS else {}
    return {name: str(value) for name, value in room.items() if name not in os.environ}


def _warm_up(stack: Stack, program: Path, clients: Sequence[Client]) -> None:
    """Has caches filled, statements prepared and memory taken that the first requests take."""
    with Generator(stack, program) as generator:
        generator.hold(clients[:_WARM_UP_CLIENTS], WAIT, 4, within=120)
        generator.stop(Events())


@dataclass(frozen=True)
class _Usage:
    """What has been used up to a moment: seconds of processor time, and statements."""

    time: float
    service: dict[int, float]
    database: float
    nginx: float
    generator: float
    machine: float
    statements: int


class _Measurement:
    """Runs on one stack, with the same clients."""

    def __init__(self, stack: Stack, program: Path, clients: Sequence[Client], options: argparse.Namespace):
        self._stack, self._program, self._clients, self._options = stack, program, clients, options
        self._sends = stack.directory / "temp" / "sends.txt"
        write_sends(stack, self._clients, self._sends)

    def run(self, wait: int, poll: float) -> dict:
        options, events = self._options, Events()
        name = "waiting" if wait else f"polling every {poll:g} s"
        say(f"{plural(options.waiters, 'client')}, {name}: {options.seconds} s, {options.sends:g} messages a second")
        memory = self._memory()
        with Generator(self._stack, self._program) as generator:
            generator.hold(self._clients, wait, poll, within=120 + options.waiters / 50)
            time.sleep(_SETTLING)
            bytes_held = {part: (held - memory[part]) / options.waiters for part, held in self._memory().items()}
            before = self._usage(generator)
            if options.sends:
                generator.send(self._sends, options.sends)
            self._sleep(options.seconds)
            after = self._usage(generator)
            restarted = self._restart() if options.restart and wait else None
            if options.sends:
                generator.stop_last(events)
            self._sleep(_LATEST + (0 if wait else poll))
            generator.stop(events)
        result = {"clients": name, **self._figures(events, before, after, bytes_held)}
        if restarted:
            result["restart_seconds"] = round(restarted - after.time, 1)
            result["highest_requests_per_second"] = self._highest_rate(events, after.time, restarted)
        return result

    def _restart(self) -> float:
        """All instances in turn, as scripts/run restarts them for SIGHUP; when they were all back."""
        say("restarting all instances in turn")
        before = {name: self._stack.pid_of(name) for name in self._stack.instances}
        self._stack.send_signal(signal.SIGHUP)
        await_new(self._stack, before, 100 * len(before), "all instances are restarted")
        ended = time.monotonic()
        # Clients whose wait was ended early have renewed it by then.
        self._sleep(_LATEST)
        return ended

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._stack.check()
            time.sleep(min(left, 1))

    def _memory(self) -> dict[str, int]:
        """In bytes, without what is shared with files."""
        return {"service": sum(anonymous_memory(self._stack.pid_of(name)) for name in self._stack.instances),
                "nginx": sum(map(anonymous_memory, children(self._stack.pid_of("nginx"))))}

    def _usage(self, generator: Generator) -> _Usage:
        stack = self._stack
        return _Usage(
            time.monotonic(), {pid: _cpu_seconds(pid) for pid in map(stack.pid_of, stack.instances)},
            _cpu_seconds(stack.pid_of("mariadb")), sum(map(_cpu_seconds, children(stack.pid_of("nginx")))),
            generator.cpu_seconds(), busy_times(), stack.server().executed_statements())

    def _highest_rate(self, events: Events, began: float, ended: float) -> int:
        answered = rates(events.answered, round(1e6 * began), round(1e6 * (ended + _LATEST)))
        return round(max(answered, default=0) + self._options.sends)

    def _figures(self, events: Events, before: _Usage, after: _Usage, bytes_held: dict[str, float]) -> dict:
        seconds = after.time - before.time
        delivery = account(events, self._clients, members_of)
        answered = rates(events.answered, round(1e6 * before.time), round(1e6 * after.time))
        cpu = {"service": sum(after.service.values()) - sum(before.service.values()),
               **{part: getattr(after, part) - getattr(before, part) for part in ("database", "nginx", "generator")}}
        used = sum(cpu.values()) - cpu["generator"]
        # All that runs on the machine beside: where it is much, times and rates say little.
        cpu["others"] = after.machine - before.machine - sum(cpu.values())
        return {
            "sent": len(events.sent), "expected": delivery.expected, "missed": delivery.missed,
            "doubled": delivery.doubled, "errors": dict(events.errors), "cut_short": events.cut, "early": events.early,
            "resets": events.resets, **_latencies(delivery),
            "requests_per_second": round(sum(answered) / max(len(answered), 1) + self._options.sends),
            "statements_per_second": round((after.statements - before.statements) / seconds),
            "cpu_percent": {part: round(100 * part_used / seconds, 1) for part, part_used in cpu.items()},
            "machine_us_per_client_second": round(1e6 * used / seconds / self._options.waiters, 1),
            "bytes_per_client": {part: round(held) for part, held in bytes_held.items()},
        }


def _cpu_seconds(pid: int) -> float:
    return sum(cpu_times(pid))


def _latencies(delivery: Delivery) -> dict:
    return {
        name: {"p50": round(percentile(values, 50), 1), "p99": round(percentile(values, 99), 1),
               "max": round(max(values, default=0), 1)}
        for name, values in (("delivery_ms", delivery.after_acknowledgement),
                             ("delivery_from_send_ms", delivery.after_beginning))
    }


_ROWS = [
    ("delivery ms, after the send's answer: p50", lambda r: r["delivery_ms"]["p50"]),
    ("  p99", lambda r: r["delivery_ms"]["p99"]),
    ("  max", lambda r: r["delivery_ms"]["max"]),
    ("delivery ms, after the send's beginning: p50", lambda r: r["delivery_from_send_ms"]["p50"]),
    ("  p99", lambda r: r["delivery_from_send_ms"]["p99"]),
    ("  max", lambda r: r["delivery_from_send_ms"]["max"]),
    ("messages sent", lambda r: r["sent"]),
    ("deliveries expected", lambda r: r["expected"]),
    ("  missed", lambda r: r["missed"]),
    ("  doubled", lambda r: r["doubled"]),
    ("errors", lambda r: sum(r["errors"].values())),
    ("waits refused or cut short", lambda r: r["cut_short"]),
    ("requests/s", lambda r: r["requests_per_second"]),
    ("statements/s", lambda r: r["statements_per_second"]),
    *((f"CPU % of {part}", lambda r, part=part: r["cpu_percent"][part])
      for part in ("service", "database", "nginx", "generator", "others")),
    ("CPU µs a client a second, of the first three", lambda r: r["machine_us_per_client_second"]),
    *((f"bytes a client in {part}", lambda r, part=part: r["bytes_per_client"][part]) for part in ("service", "nginx")),
    ("restart of all instances, s", lambda r: r.get("restart_seconds", "")),
    ("  highest requests/s", lambda r: r.get("highest_requests_per_second", "")),
]


def print_results(results: Sequence[dict]) -> None:
    """A column for each way to be told."""
    print(f"\n{'':<46}" + "".join(f"{result['clients']:>22}" for result in results))
    for name, value in _ROWS:
        values = [value(result) for result in results]
        if any(each != "" for each in values):
            print(f"{name:<46}" + "".join(f"{each:>22,}" if each != "" else f"{'':>22}" for each in values))


def complaints_of(results: Sequence[dict]) -> list[str]:
    """What is wrong with them."""
    complaints = []
    for result in results:
        errors = ", ".join(f"{count} × {reason}" for reason, count in sorted(result["errors"].items()))
        wrong = [(sum(result["errors"].values()), f"errors ({errors})"), (result["missed"], "deliveries missed"),
                 (result["doubled"], "doubled"), (result["early"], "waits that ended early without a reason")]
        complaints += [f"{result['clients']}: {number:,} {what}" for number, what in wrong if number]
    return complaints
