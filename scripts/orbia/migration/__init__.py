"""schema.sql on a database that is in use: scripts/measure-migration."""
