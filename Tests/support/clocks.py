"""A clock that can be set wrong for one process, while it runs."""

from pathlib import Path


class Clock:
    """What a process that is started with `environment` takes for the time of day; its monotonic clock stays right."""

    def __init__(self, file: Path):
        self._file = file
        self.be_right()
        [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        self.environment = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}

    def be_right(self):
        self._file.write_text("+0\n")

    def be_ahead(self, seconds: int):
        self._file.write_text(f"{seconds:+}s\n")

    def stand_still_at(self, time: str):
        """`time` as YYYY-MM-DD hh:mm:ss, in UTC."""
        self._file.write_text(f"{time}\n")
