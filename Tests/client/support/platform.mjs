// The platform beside the service: users, conversations and messages, as its rows or through the API.

const { ORBIA_PLATFORM_URL, ORBIA_SERVICE_URL } = process.env;

/** The API's address. */
export const baseUrl = `${ORBIA_SERVICE_URL}/api/v1/conversation/`;

// Beside what a test does to the global one.
const { fetch } = globalThis;

async function call(on, method, values, named = {}) {
  const response = await fetch(ORBIA_PLATFORM_URL, {
    method: "POST",
    headers: { Connection: "close" },
    body: JSON.stringify({ on, method, values, named }),
  });
  const result = await response.json();
  if (!response.ok) throw new Error(`${method}: ${result}`);
  return result;
}

/** Runs one statement of SQL. */
export const execute = (sql, ...values) => call("database", "execute", [sql, ...values]);

/** Resolves to what a SELECT finds. */
export const rows = (sql, ...values) => call("database", "rows", [sql, ...values]);

/** Resolves to {id, nickname}. */
export const user = (nickname = "张三", columns = {}) => call("database", "user", [nickname], columns);

/** Resolves to {id, conversation_id}. `columns` are those of its row: title, type, … */
export const conversation = (members, columns = {}) => call("database", "conversation", members, columns);

/** Resolves to a token that is good for so many seconds; for a negative number it has expired. */
export const token = (user, seconds = 3600) => call("api", "token", [user, seconds]);

/** A call of the API, by a user. Rejects where it does not succeed. */
export const api = (user, route, body) => call("api", "call", [user, route, body]);

/** A method of the stand-in of the platform's uploads. */
export const uploads = (method, ...values) => call("uploads", method, values);

/** Sends a message, by the API; resolves to it. */
export async function send(user, conversation, content = "你好", more = {}) {
  const body = { conversation_id: conversation.id, message_type: "text", content, ...more };
  return (await api(user, "send_message", body)).message;
}

/** Resolves to how many messages are unread for a user. */
export async function unread(user, conversation) {
  return (await api(user, "get_conversation", { conversation_id: conversation.id })).conversation.unread_count;
}

/**
 * `count` messages #1, #2, … of one sender, a minute apart, long ago; with `areUnread`, unread for the other members.
 */
export async function history(conversation, sender, count, { areUnread = false } = {}) {
  const { id } = conversation;
  await execute(
    "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at, updated_at)"
    + " SELECT CONCAT('MSG_', 1700000000000 + seq * 60000, '_', %s, seq), %s, %s, CONCAT('#', seq),"
    + ` FROM_UNIXTIME(1700000000 + seq * 60), NOW() FROM seq_1_to_${count}`, id, id, sender.id);
  await execute("UPDATE orbia_conversation SET last_message_at = (SELECT MAX(created_at) FROM orbia_message"
    + " WHERE conversation_id = %s) WHERE id = %s", id, id);
  if (areUnread) {
    await execute("UPDATE orbia_conversation_member SET unread_count = %s WHERE conversation_id = %s AND user_id <> %s",
      count, id, sender.id);
  }
}

/** The created_at of message #number of a history. */
export const historyTime = (number) => (1_700_000_000 + number * 60) * 1000;
