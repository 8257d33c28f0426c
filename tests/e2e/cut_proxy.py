"""A TCP proxy that can lose its clients without the server behind it noticing."""

import socket
import threading

READ_BYTES = 65_536


class CutProxy:
    """Forwards connections to a nats-server, each in two threads of its own."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("nats://").rsplit(":", 1)
        self._server = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"nats://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = [self._listener]
        self._clients: list[socket.socket] = []
        self._is_cut = False
        self._reads = threading.Event()
        self._reads.set()
        self._start(self._accept)

    def cut(self) -> None:
        """The clients see their connections closed, and get no new ones; the server goes on writing
        into the old ones."""
        with self._lock:
            self._is_cut = True
            clients, self._clients = self._clients, []
        for client in clients:
            client.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def stop_reading(self) -> None:
        """Nothing is read from any client any more, also from new ones: as when packets are lost."""
        self._reads.clear()

    def read_again(self) -> None:
        self._reads.set()

    def close(self) -> None:
        self._reads.set()
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed by its other end already
            each.close()

    def _start(self, work, *arguments: socket.socket) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
            except OSError:
                return  # closed
            with self._lock:
                if self._is_cut:
                    client.close()
                    server.close()
                    continue
                self._sockets += [client, server]
                self._clients.append(client)
            self._start(self._to_server, client, server)
            self._start(self._to_client, server, client)

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while chunk := client.recv(READ_BYTES):
                self._reads.wait()
                server.sendall(chunk)
        except OSError:
            pass  # closed; the server is not told

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        is_cut = False
        try:
            while chunk := server.recv(READ_BYTES):
                try:
                    if not is_cut:
                        client.sendall(chunk)
                except OSError:
                    is_cut = True  # read on: the server writes into nothing
        except OSError:
            pass  # closed
