"""Backup, restore and restore to a point in time by docs/operations.md, compared row by row: scripts/drill."""
