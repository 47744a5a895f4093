"""Where the repository and its parts are."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RUN = REPOSITORY / "scripts" / "run"
SCHEMA = REPOSITORY / "schema.sql"
REMOVAL = REPOSITORY / "schema-remove.sql"
PAGE = REPOSITORY / "nginx" / "www"
# Layouts that schema.sql brings to its own: the platform's, and that of version 2.
PLATFORM = REPOSITORY / "Tests" / "support" / "platform.sql"
VERSION_2 = REPOSITORY / "Tests" / "support" / "schema_version_2.sql"
