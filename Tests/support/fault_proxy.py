"""A way to the database that breaks when it is told to: before a statement, during it, or behind its commit."""

import socket
import threading
import time

COM_STMT_PREPARE = 0x16
COM_STMT_EXECUTE = 0x17
# What the service does by itself several times a second, on a connection of its own, takes no fault.
BACKGROUND = b"orbia_tell_order_progress"
RECEIVED_AT_ONCE = 65_536


class FaultProxy:
    """Connections on a port of loopback, handed on to a server's Unix socket.

    `faults` is a list that each execution of a prepared statement takes an entry of: None lets it pass; "before"
    breaks the connection in its place; "during" breaks it when the server has it; "after" when the server has
    answered. An answer is not handed on in either case: however fast the server was, it is lost.

    With `round_trip`, what is handed on takes half of so many seconds each way.
    """

    def __init__(self, target, round_trip=0.0):
        self._target = str(target)
        self.one_way = round_trip / 2
        self.faults = []
        self.executions = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:
                client.close()
                continue
            link = _Link(self, client, server)
            for pump in (link.pump_requests, link.pump_answers):
                threading.Thread(target=pump, daemon=True).start()

    def next_fault(self):
        self.executions += 1
        return self.faults.pop(0) if self.faults else None


class _Link:
    def __init__(self, proxy, client, server):
        self._proxy, self._client, self._server = proxy, client, server
        self._breaks_at_answer = False
        self._is_background = False

    def pump_requests(self):
        """Packet by packet: three bytes of length, one of sequence, the command's byte first."""
        try:
            while True:
                head = self._read(4)
                packet = head + self._read(int.from_bytes(head[:3], "little"))
                # A new command begins with sequence 0.
                command = packet[4] if head[3] == 0 and len(packet) > 4 else None
                if command == COM_STMT_PREPARE and BACKGROUND in packet:
                    self._is_background = True
                counts = command == COM_STMT_EXECUTE and not self._is_background
                fault = self._proxy.next_fault() if counts else None
                if fault == "before":
                    return
                self._breaks_at_answer = fault in ("during", "after")
                time.sleep(self._proxy.one_way)
                self._server.sendall(packet)
                if fault == "during":
                    return
        except OSError:
            pass
        finally:
            self._break()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self._client.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def pump_answers(self):
        try:
            while piece := self._server.recv(RECEIVED_AT_ONCE):
                if self._breaks_at_answer:
                    return
                time.sleep(self._proxy.one_way)
                self._client.sendall(piece)
        except OSError:
            pass
        finally:
            self._break()

    def _break(self):
        hang_up(self._client)
        hang_up(self._server)


def hang_up(end: socket.socket):
    """Ends a connection for whoever waits on it, in this process and at the other end."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
