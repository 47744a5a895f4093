-- The tables of our own, which only triggers, routines and the service have used.

DROP TABLE IF EXISTS orbia_conversation_change;
DROP TABLE IF EXISTS orbia_order_progress;
DROP TABLE IF EXISTS orbia_conversation_feature;
