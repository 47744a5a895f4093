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
        self._write("+0")

    def be_ahead(self, seconds: int):
        self._write(f"{seconds:+}s")

    def stand_still_at(self, time: str):
        """`time` as YYYY-MM-DD hh:mm:ss, in UTC."""
        self._write(time)

    def _write(self, text: str):
        """In one step: the library reads the file at each look at the clock, and an empty one means the right time."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{text}\n")
        written.replace(self._file)
