"""Clients of the database that write and read while schema.sql is applied, and how long each had to wait."""

import threading
import time

from orbia.database import Database

WRITES = {
    "conversation": "UPDATE orbia_conversation SET title = %s WHERE id = 1",
    "member": "INSERT INTO orbia_conversation_member (conversation_id, user_id) SELECT id, {user}"
    " FROM orbia_conversation WHERE conversation_id NOT LIKE %s AND id = {number}"
    " ON DUPLICATE KEY UPDATE unread_count = unread_count + 1",
    "message": "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content) VALUES (%s, 1, 1, '你好')",
    "order": "UPDATE orbia_kol_order SET reject_reason = %s WHERE id = 1",
}
READS = {
    "read of conversation": "SELECT title FROM orbia_conversation WHERE id = 1",
    "read of member": "SELECT role FROM orbia_conversation_member WHERE conversation_id = 1 AND user_id = 1",
    "read of message": "SELECT content FROM orbia_message WHERE conversation_id = 1 ORDER BY created_at DESC LIMIT 1",
    "read of order": "SELECT status FROM orbia_kol_order WHERE id = 1",
}


class Client(threading.Thread):
    """Runs a statement again and again on a connection of its own, and notes when each began and ended."""

    def __init__(self, database: Database, name: str, statement: str):
        super().__init__(daemon=True)
        self.name, self.waits, self.errors = name, [], []
        self._statement = statement
        self._cursor = database.connect().cursor()
        self._stopped = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            statement = self._statement.replace("{user}", str(1 + number % 2000))
            statement = statement.replace("{number}", str(2 + number % 50))
            began = time.time()
            try:
                self._cursor.execute(statement, [f"{self.name} {began}"] if "%s" in statement else None)
            except Exception as error:  # noqa: BLE001 - any failure is what is to be told
                self.errors.append(str(error))
            self.waits.append((began, time.time()))
            time.sleep(0.005)

    def stop(self) -> None:
        self._stopped.set()
        self.join()
        self._cursor.connection.close()

    def longest_wait(self, since: float, until: float) -> float:
        """In seconds; of a wait that reaches beyond, the part between the two times."""
        return max((min(ended, until) - max(began, since) for began, ended in self.waits), default=0)
