"""The service beside its twin in C: scripts/compare-c."""
