-- Communities @FIRST@ to @LAST@ of the data set of scripts/load --waiters, as waiters_dataset.py describes them: each has
-- 100 users and 1,000 conversations of two of them, with three messages each.

SET NAMES utf8mb4;
SET time_zone = '+00:00';
-- Larger than a transaction of the service: one for each statement here.
SET SESSION foreign_key_checks = 0, unique_checks = 0;

INSERT INTO orbia_user (id, nickname, avatar_url)
SELECT seq, CONCAT('用户甲', seq), CONCAT('https://cdn.orbia.example/avatars/', seq, '.jpg')
FROM seq_@FIRST@00_to_@LAST@99;

INSERT INTO orbia_conversation (id, conversation_id, title, type, related_order_type, related_order_id, created_at)
SELECT seq, CONCAT('CONV_1700000000000_', seq), CONCAT('KOL订单: 产品推广视频 ', seq), 'kol_order', 'kol_order',
       CONCAT('KORD_1700000000000_', seq), FROM_UNIXTIME(1700000000 + seq)
FROM seq_@FIRST@000_to_@LAST@999;

INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
SELECT seq, 100 * (seq DIV 1000) + seq MOD 100, 'creator' FROM seq_@FIRST@000_to_@LAST@999;
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
SELECT seq, 100 * (seq DIV 1000) + (seq + 1 + seq MOD 1000 DIV 100) MOD 100, 'member'
FROM seq_@FIRST@000_to_@LAST@999;

-- In the order of the primary key. A message a minute; sentences of 20 to 80 characters.
INSERT INTO orbia_message (message_id, conversation_id, sender_id, message_type, content, created_at)
SELECT CONCAT('MSG_', 1710000000000 + 60000 * n.seq + c.seq, '_', c.seq), c.seq,
       100 * (c.seq DIV 1000) + c.seq MOD 100, 'text',
       LEFT(REPEAT(CONCAT('第', n.seq, '条消息，关于产品推广视频的细节。'), 5), 20 + (7 * n.seq + c.seq) MOD 61),
       FROM_UNIXTIME((1710000000000 + 60000 * n.seq + c.seq) / 1000)
FROM seq_@FIRST@000_to_@LAST@999 c JOIN seq_1_to_3 n
ORDER BY c.seq, n.seq;

UPDATE orbia_conversation c
SET last_message_at = (SELECT MAX(m.created_at) FROM orbia_message m WHERE m.conversation_id = c.id)
WHERE c.id BETWEEN @FIRST@000 AND @LAST@999;

ANALYZE TABLE orbia_user, orbia_conversation, orbia_conversation_member, orbia_message;
