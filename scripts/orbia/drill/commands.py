"""The commands of docs/operations.md that make a backup and restore it, as they stand there."""

from orbia.document import block

DUMP = block("Backup", "mariadb-dump")
LOAD = block("Restoring", "CREATE DATABASE")
SCHEMA = block("Restoring", "schema.sql")
MAKE_ACCOUNT = block("Restoring", "CREATE USER")
TRY_A_TRIGGER = block("Restoring", "UPDATE orbia_kol_order")
FIND = block("To a point in time", "BINLOGS=")
LOOK = block("To a point in time", "since.txt")
STOP_AT_A_POSITION = block("To a point in time", "--stop-position=")
REPLAY = block("To a point in time", "until.sql")
