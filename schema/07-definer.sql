-- Who owns the triggers and routines. An account of its own, which nobody logs in with and nobody
-- has a reason to drop: with a dropped definer every insert of an order would fail (error 1449).
-- What it may do is granted for the tables and routines of this database.
CREATE USER IF NOT EXISTS 'orbia_conversation_definer'@'localhost' ACCOUNT LOCK;
GRANT SELECT ON orbia_user TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT ON orbia_kol TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, TRIGGER ON orbia_kol_order TO 'orbia_conversation_definer'@'localhost';
-- DELETE takes back a conversation whose members could not be added.
GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON orbia_conversation TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, INSERT, UPDATE, TRIGGER ON orbia_conversation_member TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, INSERT ON orbia_message TO 'orbia_conversation_definer'@'localhost';
