"""libFuzzer on parts of the service: scripts/fuzz."""
