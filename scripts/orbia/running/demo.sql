-- Demo data for a private database: what a small platform looks like after a week.
--
-- @files is where avatars and shared files are, a URL without a slash at its end.
--
-- All in one transaction. "SET timestamp" moves the session's clock, so that the triggers too date
-- what they make in the past. Each part says how long ago it happens.

SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET time_zone = '+00:00';
SET @now = UNIX_TIMESTAMP(NOW(3));
SET @minute = 60, @hour = 3600, @day = 86400;

START TRANSACTION;

-- A month ago: people and a KOL -------------------------------------------------------------------

SET timestamp = @now - 30 * @day;

INSERT INTO orbia_user (email, nickname, avatar_url)
VALUES ('zhang.wei@demo.orbia.example', '张伟', CONCAT(@files, '/zhang-wei.svg'));
SET @zhang_wei = LAST_INSERT_ID();

INSERT INTO orbia_user (email, nickname, avatar_url)
VALUES ('li.na@demo.orbia.example', '李娜', CONCAT(@files, '/li-na.svg'));
SET @li_na = LAST_INSERT_ID();

INSERT INTO orbia_user (email, nickname, avatar_url)
VALUES ('wang.fang@demo.orbia.example', '王芳', NULL);
SET @wang_fang = LAST_INSERT_ID();

-- Signed in by wallet and never chose a name: shown as 用户{id}.
INSERT INTO orbia_user (wallet_address, nickname, avatar_url)
VALUES ('0x00000000000000000000000000000000000d3m01', NULL, NULL);
SET @nameless = LAST_INSERT_ID();

INSERT INTO orbia_user (email, nickname, avatar_url, role)
VALUES ('service@demo.orbia.example', '客服小陈', CONCAT(@files, '/service.svg'), 'admin');
SET @customer_service = LAST_INSERT_ID();

-- A token of theirs is answered with 403.
INSERT INTO orbia_user (email, nickname, avatar_url, status)
VALUES ('liu.yang@demo.orbia.example', '刘洋', NULL, 'disabled');

INSERT INTO orbia_kol (user_id, display_name, description, country, youtube_url, status, approved_at)
VALUES (@li_na, '娜娜测评', '数码与家居好物测评，每周两更', 'CN', 'https://youtube.example/@nana', 'approved', NOW());
SET @kol = LAST_INSERT_ID();
UPDATE orbia_user SET kol_id = @kol WHERE id = @li_na;

-- Seven to three days ago: orders -----------------------------------------------------------------

SET @order = 'INSERT INTO orbia_kol_order (order_id, user_id, kol_id, plan_id, plan_title, plan_price, plan_type, title, requirement_description, video_type, video_duration, target_audience, expected_delivery_date, status)
    VALUES (CONCAT(''KORD_'', CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED), ''_'', ?), ?, @kol, 1, ''标准视频'', 2999.00, ''video'', ?, ?, ''产品测评'', 90, ''18-35 岁的数码爱好者'', DATE(NOW() + INTERVAL 14 DAY), ''pending_payment'')';
PREPARE new_order FROM @order;

-- Runs to its end: paid, confirmed, made, completed; its conversation is closed below.
SET timestamp = @now - 7 * @day;
EXECUTE new_order USING 1, @wang_fang, '无线耳机开箱', '突出降噪效果，镜头里要有包装盒。';
SET @earphones = LAST_INSERT_ID();
SET timestamp = @now - 7 * @day + 1 * @hour;
UPDATE orbia_kol_order SET status = 'pending' WHERE id = @earphones;
SET timestamp = @now - 7 * @day + 3 * @hour;
UPDATE orbia_kol_order SET status = 'confirmed', confirmed_at = NOW() WHERE id = @earphones;
SET timestamp = @now - 6 * @day;
UPDATE orbia_kol_order SET status = 'in_progress' WHERE id = @earphones;
SET timestamp = @now - 4 * @day;
UPDATE orbia_kol_order SET status = 'completed', completed_at = NOW() WHERE id = @earphones;

-- The one that the printed requests talk about: confirmed by an UPDATE, so that its conversation
-- comes from the trigger.
SET timestamp = @now - 3 * @day;
EXECUTE new_order USING 2, @zhang_wei, '产品推广视频', '新款扫地机器人，重点拍越障和自动集尘。';
SET @robot = LAST_INSERT_ID();
SET timestamp = @now - 3 * @day + 10 * @minute;
UPDATE orbia_kol_order SET status = 'pending' WHERE id = @robot;
SET timestamp = @now - 3 * @day + 2 * @hour;
UPDATE orbia_kol_order SET status = 'confirmed', confirmed_at = NOW() WHERE id = @robot;

SET timestamp = @now - 2 * @day;
EXECUTE new_order USING 3, @nameless, '机械键盘测评', '对比三种轴体的声音。';
SET @keyboard = LAST_INSERT_ID();
SET timestamp = @now - 2 * @day + 1 * @hour;
UPDATE orbia_kol_order SET status = 'confirmed', confirmed_at = NOW() WHERE id = @keyboard;
SET timestamp = @now - 1 * @day;
UPDATE orbia_kol_order SET status = 'in_progress' WHERE id = @keyboard;

-- Without a conversation: not paid, not confirmed yet, called off.
SET timestamp = @now - 1 * @day;
EXECUTE new_order USING 4, @zhang_wei, '年终促销短片', '三十秒竖屏，年底前上线。';
EXECUTE new_order USING 5, @wang_fang, '咖啡机开箱', '一镜到底。';
UPDATE orbia_kol_order SET status = 'pending' WHERE id = LAST_INSERT_ID();
EXECUTE new_order USING 6, @wang_fang, '旅行箱耐摔测试', '慢动作。';
UPDATE orbia_kol_order SET status = 'cancelled', cancelled_at = NOW() WHERE id = LAST_INSERT_ID();

DEALLOCATE PREPARE new_order;

SELECT c.id, UNIX_TIMESTAMP(c.created_at) * 1000 INTO @robot_conversation, @robot_start
FROM orbia_conversation c JOIN orbia_kol_order o ON o.order_id = c.related_order_id WHERE o.id = @robot;
SELECT c.id, UNIX_TIMESTAMP(c.created_at) * 1000 INTO @earphones_conversation, @earphones_start
FROM orbia_conversation c JOIN orbia_kol_order o ON o.order_id = c.related_order_id WHERE o.id = @earphones;
SELECT c.id, UNIX_TIMESTAMP(c.created_at) * 1000 INTO @keyboard_conversation, @keyboard_start
FROM orbia_conversation c JOIN orbia_kol_order o ON o.order_id = c.related_order_id WHERE o.id = @keyboard;

-- A question to customer service, archived since.
SET timestamp = @now - 5 * @day;
INSERT INTO orbia_conversation (conversation_id, title, type)
VALUES (CONCAT('CONV_', CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED), '_0'), '发票问题', 'support');
SET @support_conversation = LAST_INSERT_ID();
SET @support_start = CAST(UNIX_TIMESTAMP(NOW()) * 1000 AS UNSIGNED);
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
VALUES (@support_conversation, @zhang_wei, 'creator'), (@support_conversation, @customer_service, 'member');

-- Customer service joins the robot's conversation a day after it began, as staff do it: a plain
-- INSERT of three columns.
SET timestamp = @now - 2 * @day;
INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
VALUES (@robot_conversation, @customer_service, 'admin');

SET timestamp = DEFAULT;

-- Messages ----------------------------------------------------------------------------------------

-- after_ms: milliseconds since the conversation began; different for each message of one.
CREATE TEMPORARY TABLE demo_message (
    conversation_id BIGINT NOT NULL,
    created_ms      BIGINT NOT NULL,
    sender_id       BIGINT NOT NULL,
    message_type    VARCHAR(16) NOT NULL DEFAULT 'text',
    content         TEXT NOT NULL,
    file_name       VARCHAR(500) NULL,
    file_size       BIGINT NULL,
    file_type       VARCHAR(100) NULL,
    PRIMARY KEY (conversation_id, created_ms)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO demo_message (conversation_id, created_ms, sender_id, content)
VALUES (@earphones_conversation, @earphones_start + 600123, @wang_fang, '您好，耳机昨天已经寄出，顺丰的。'),
       (@earphones_conversation, @earphones_start + 945671, @li_na, '收到单号了，预计后天到，到了就开拍。'),
       (@earphones_conversation, @earphones_start + 172800456, @li_na, '成片已上传，请确认。'),
       (@earphones_conversation, @earphones_start + 176400789, @wang_fang, '很满意，谢谢！'),
       (@support_conversation, @support_start + 5012, @zhang_wei, '请问订单的发票在哪里开？'),
       (@support_conversation, @support_start + 305344, @customer_service, '您好，订单完成后在「订单详情」里申请即可。'),
       (@support_conversation, @support_start + 360981, @zhang_wei, '明白了，谢谢。'),
       (@keyboard_conversation, @keyboard_start + 120777, @nameless, '三把键盘已经在路上了。'),
       (@keyboard_conversation, @keyboard_start + 3600055, @li_na, '好的。青轴会单独录一段声音。'),
       (@robot_conversation, @robot_start + 300042, @zhang_wei, '李老师您好，样机明天送到，麻烦您查收。'),
       (@robot_conversation, @robot_start + 420318, @li_na, '您好！收到后我先试用两天再出脚本。'),
       (@robot_conversation, @robot_start + 93600007, @customer_service, '我是客服小陈，有需要随时叫我。'),
       (@robot_conversation, @robot_start + 180000451, @li_na, '脚本发您了，越障那段用慢动作，您看可以吗？');

INSERT INTO demo_message (conversation_id, created_ms, sender_id, message_type, content)
VALUES (@robot_conversation, @robot_start + 1, @zhang_wei, 'system', '订单已确认，可以开始沟通了。');

INSERT INTO demo_message (conversation_id, created_ms, sender_id, message_type, content, file_name, file_size, file_type)
VALUES (@robot_conversation, @robot_start + 600209, @zhang_wei, 'file', CONCAT(@files, '/requirements.pdf'), '拍摄需求.pdf', 116176, 'application/pdf'),
       (@robot_conversation, @robot_start + 86400615, @zhang_wei, 'image', CONCAT(@files, '/robot.jpg'), '样机外观.jpg', 15631, 'image/jpeg'),
       (@robot_conversation, @robot_start + 97200377, @li_na, 'audio', CONCAT(@files, '/noise.m4a'), '运行噪音.m4a', 32039, 'audio/mp4'),
       (@robot_conversation, @robot_start + 172800118, @li_na, 'video', CONCAT(@files, '/rough-cut.mp4'), '粗剪.mp4', 16050, 'video/mp4'),
       (@robot_conversation, @robot_start + 172860342, @li_na, 'video', CONCAT(@files, '/portrait-cut.mp4'), '竖屏版.mp4', 14559, 'video/mp4'),
       (@robot_conversation, @robot_start + 172861077, @li_na, 'image', CONCAT(@files, '/cover.jpg'), '竖屏封面.jpg', 14077, 'image/jpeg');

INSERT INTO orbia_message (message_id, conversation_id, sender_id, message_type, content, file_name, file_size, file_type, created_at, updated_at)
SELECT CONCAT('MSG_', created_ms, '_', conversation_id), conversation_id, sender_id, message_type, content,
       file_name, file_size, file_type, FROM_UNIXTIME(created_ms / 1000), FROM_UNIXTIME(created_ms DIV 1000)
FROM demo_message
ORDER BY created_ms;

UPDATE orbia_conversation c
SET last_message_at = (SELECT MAX(m.created_at) FROM orbia_message m WHERE m.conversation_id = c.id)
WHERE id IN (@earphones_conversation, @support_conversation, @keyboard_conversation, @robot_conversation);

-- Who has read how far; the rest of what others wrote since they joined is unread.
UPDATE orbia_conversation_member SET last_read_at = FROM_UNIXTIME((@earphones_start + 176500000) / 1000)
WHERE conversation_id = @earphones_conversation;
UPDATE orbia_conversation_member SET last_read_at = FROM_UNIXTIME((@support_start + 370000) / 1000)
WHERE conversation_id = @support_conversation;
UPDATE orbia_conversation_member SET last_read_at = FROM_UNIXTIME((@robot_start + 100000000) / 1000)
WHERE conversation_id = @robot_conversation AND user_id = @zhang_wei;
UPDATE orbia_conversation_member SET last_read_at = FROM_UNIXTIME((@robot_start + 180001000) / 1000)
WHERE conversation_id = @robot_conversation AND user_id = @li_na;

UPDATE orbia_conversation_member cm
SET unread_count = (
    SELECT COUNT(*) FROM orbia_message m
    WHERE m.conversation_id = cm.conversation_id
      AND m.sender_id <> cm.user_id
      AND m.created_at > COALESCE(cm.last_read_at, cm.joined_at)
)
WHERE conversation_id IN (@earphones_conversation, @support_conversation, @keyboard_conversation, @robot_conversation);

DROP TEMPORARY TABLE demo_message;

-- What staff have put away since: by plain UPDATE.
UPDATE orbia_conversation SET status = 'closed' WHERE id = @earphones_conversation;
UPDATE orbia_conversation SET status = 'archived' WHERE id = @support_conversation;

COMMIT;
