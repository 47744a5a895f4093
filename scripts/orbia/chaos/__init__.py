"""Kills under load, and the comparison of what clients saw with the database: scripts/chaos."""
