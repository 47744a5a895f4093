"""Figures of a measurement: their file, and how numbers are said."""

import argparse
import json
from pathlib import Path

from orbia.terminal import say


def write_json(options: argparse.Namespace, name: str, figures: dict) -> None:
    """Into the file that --json names, or else NAME.json in --dir."""
    path = Path(options.json or Path(options.dir) / f"{name}.json")
    path.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"the figures are in {path}")


def plural(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
