"""What these tests share: the stack."""

from shared_fixtures import api, database, make_directory, stack
