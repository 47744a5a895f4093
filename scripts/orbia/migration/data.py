"""The platform's data that schema.sql finds, and the way back to an older layout."""

from orbia.database import Database


def fill(database: Database, conversations: int) -> None:
    """Each conversation is an order's, with two members and one of the staff; messages come in turn, a minute apart."""
    with database.connect().cursor() as cursor:
        for statement in [
            "SET foreign_key_checks = 0, unique_checks = 0",
            "INSERT INTO orbia_user (id, nickname) SELECT seq, CONCAT('用户', seq) FROM seq_1_to_2000",
            "INSERT INTO orbia_kol (id, user_id, status) SELECT seq, 1000 + seq, 'approved' FROM seq_1_to_1000",
            "INSERT INTO orbia_kol_order (id, order_id, user_id, kol_id, plan_id, plan_title, plan_price, plan_type,"
            " title, requirement_description, video_type, video_duration, target_audience, expected_delivery_date,"
            " status) SELECT seq, CONCAT('KORD_1700000000000_', seq), 2 + seq MOD 998, 1 + seq MOD 1000, 1, '标准套餐',"
            " 199, 'standard', '产品推广视频', '60 秒竖屏', 'short', 60, '18-30', '2030-01-01', 'completed'"
            f" FROM seq_1_to_{conversations}",
            "INSERT INTO orbia_conversation (id, conversation_id, title, type, related_order_type, related_order_id,"
            " last_message_at, created_at) SELECT seq, CONCAT('CONV_1700000000000_', seq), 'KOL订单: 产品推广视频',"
            " 'kol_order', 'kol_order', CONCAT('KORD_1700000000000_', seq), FROM_UNIXTIME(1713000000 + seq),"
            f" FROM_UNIXTIME(1700000000 + seq) FROM seq_1_to_{conversations}",
            *(
                f"INSERT INTO orbia_conversation_member (conversation_id, user_id, role) SELECT seq, {user}, '{role}'"
                f" FROM seq_1_to_{conversations}"
                for user, role in [("2 + seq MOD 998", "creator"), ("1001 + seq MOD 1000", "member"), ("1", "admin")]
            ),
            "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
            " SELECT CONCAT('MSG_', 1710000000000 + 60000 * n.seq + c.seq MOD 60000, '_', c.seq), c.seq,"
            " IF(n.seq MOD 2, 2 + c.seq MOD 998, 1001 + c.seq MOD 1000),"
            " LEFT(REPEAT(CONCAT('第', n.seq, '条消息，关于产品推广视频的细节。'), 5), 20 + (7 * n.seq + c.seq) MOD 61),"
            " FROM_UNIXTIME((1710000000000 + 60000 * n.seq + c.seq MOD 60000) / 1000)"
            f" FROM seq_1_to_50 n STRAIGHT_JOIN seq_1_to_{conversations} c",
            "ANALYZE TABLE orbia_conversation, orbia_conversation_member, orbia_message, orbia_kol_order",
        ]:
            cursor.execute(statement)


def back_to_version_1(database: Database) -> None:
    """Takes away the keys that came after version 1 of the layout, and the column of one of them."""
    database.execute("ALTER TABLE orbia_message DROP KEY client_message, DROP COLUMN client_message_id, FORCE")
    later = database.rows("SHOW KEYS FROM orbia_conversation_member WHERE Column_name = 'unread_count'")
    drops = "".join(f"DROP KEY `{key['Key_name']}`, " for key in later)
    database.execute(f"ALTER TABLE orbia_conversation_member {drops}ADD KEY (user_id, last_activity_at)")
