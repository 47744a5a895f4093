"""A line to a port of this machine, which can be cut as a phone's network is: WebDriver has no way to go offline."""

import socket
import threading

from fault_proxy import hang_up


class Line:
    """Listens on a port of loopback, and hands each connection on to another one."""

    def __init__(self, target: int):
        self._target = target
        self._is_cut = False
        self._ends = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Breaks what is open, and refuses what comes."""
        with self._lock:
            self._is_cut = True
            ends, self._ends = self._ends, set()
        for end in ends:
            hang_up(end)

    def mend(self):
        self._is_cut = False

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    hang_up(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._ends |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        try:
            while piece := source.recv(65_536):
                sink.sendall(piece)
        except OSError:
            pass
        finally:
            with self._lock:
                self._ends -= {source, sink}
            for end in (source, sink):
                hang_up(end)
