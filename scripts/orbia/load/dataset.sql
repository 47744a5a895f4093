-- The data set of scripts/load: 2,000 users, 20,000 conversations of two of them each, 600,000
-- messages, 30 in each conversation; user 1 is a member of all of them besides.

SET NAMES utf8mb4;
SET time_zone = '+00:00';
-- Larger than a transaction of the service: one for each statement here.
SET SESSION foreign_key_checks = 0, unique_checks = 0;

INSERT INTO orbia_user (id, nickname, avatar_url)
SELECT seq, CONCAT('用户甲', seq), CONCAT('https://cdn.orbia.example/avatars/', seq, '.jpg') FROM seq_1_to_2000;

INSERT INTO orbia_conversation (id, conversation_id, title, type, related_order_type, related_order_id, created_at)
SELECT seq, CONCAT('CONV_1700000000000_', seq), CONCAT('KOL订单: 产品推广视频 ', seq), 'kol_order', 'kol_order',
       CONCAT('KORD_1700000000000_', seq), FROM_UNIXTIME(1700000000 + seq)
FROM seq_1_to_20000;

-- Users 2 to 2000, so that nobody is a member twice.
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
SELECT seq, 2 + seq MOD 1999, 'creator' FROM seq_1_to_20000;
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
SELECT seq, 2 + (seq + 1 + seq DIV 1999) MOD 1999, 'member' FROM seq_1_to_20000;
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
SELECT seq, 1, 'admin' FROM seq_1_to_20000;

-- In the order of the primary key. A message a minute; sentences of 20 to 80 characters.
INSERT INTO orbia_message (message_id, conversation_id, sender_id, message_type, content, created_at)
SELECT CONCAT('MSG_', 1710000000000 + 60000 * n.seq + c.seq, '_', c.seq), c.seq,
       IF(n.seq MOD 2, 2 + c.seq MOD 1999, 2 + (c.seq + 1 + c.seq DIV 1999) MOD 1999), 'text',
       LEFT(REPEAT(CONCAT('第', n.seq, '条消息，关于产品推广视频的细节。'), 5), 20 + (7 * n.seq + c.seq) MOD 61),
       FROM_UNIXTIME((1710000000000 + 60000 * n.seq + c.seq) / 1000)
FROM seq_1_to_20000 c JOIN seq_1_to_30 n
ORDER BY c.seq, n.seq;

UPDATE orbia_conversation c
SET last_message_at = (SELECT MAX(m.created_at) FROM orbia_message m WHERE m.conversation_id = c.id);

ANALYZE TABLE orbia_user, orbia_conversation, orbia_conversation_member, orbia_message;
