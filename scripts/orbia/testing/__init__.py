"""The tests of scripts/test: builds, parts, and the processes that they run in."""
