"""Where the repository and its parts are."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RUN = REPOSITORY / "scripts" / "run"
SCHEMA = REPOSITORY / "schema.sql"
REMOVAL = REPOSITORY / "schema-remove.sql"
PAGE = REPOSITORY / "nginx" / "www"
