"""The core of Tests/integration in a bare Debian 13: the package's program beside that Debian's own MariaDB, nginx,
libfcgi and Python."""
import shutil
import subprocess

import pytest

from orbia import packages
from orbia.paths import REPOSITORY
from orbia.testing import counts

# Where the repository's tree is inside. Nothing that the tests do there comes out.
TREE = "/srv/orbia-conversation"
# scripts/run wants the compiler, and has it build the program, which is there: the package's.
COMPILER = "#!/bin/sh\nexit 0\n"
