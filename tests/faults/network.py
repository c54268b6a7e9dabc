"""A network that fails when it is told to: it stands between a client and a server and passes everything on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import make_url

from tests.conftest import connection

HOST = "127.0.0.1"
# What the database's protocol says when a transaction is to be committed, and when it has been.
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"


class Network:
    """Listens on a port of its own for whoever wants to reach the server (`host` may be the folder of a socket).

    `spoken` counts the connections on which the server was asked something.
    """

    def __init__(self, host: str, port: int):
        self.server = (host, port)
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.flows = threading.Event()
        self.flows.set()
        self.cut_at: bytes | None = None
        self.cuts = 0
        self.spoken = 0
        self.one_at_a_time = threading.Lock()
        self.threads: list[threading.Thread] = []
        self._start(self._listen)

    @classmethod
    def before(cls, database: str) -> "Network":
        """The network that leads to the server of this address."""
        with connection(database) as there:
            return cls(there.info.host, there.info.port)

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_error) -> None:
        """Nobody listens any more, and every connection is over."""
        self.flows.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def leading_to(self, database: str) -> str:
        """The address of a database of the server as it is reached through this network."""
        return make_url(database).set(host=HOST, port=self.port, query={}).render_as_string(hide_password=False)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Meanwhile nothing passes, and nobody is told: connections stay, and new ones are taken and left alone."""
        self.flows.clear()
        try:
            yield
        finally:
            self.flows.set()

    @contextmanager
    def cut(self, marker: bytes) -> Iterator[None]:
        """The connection on which these bytes come next is gone, and the bytes with it. It does happen meanwhile."""
        before, self.cut_at = self.cuts, marker
        try:
            yield
        finally:
            self.cut_at = None
        assert self.cuts == before + 1

    def _listen(self) -> None:
        lines: list[socket.socket] = []
        with suppress(OSError):
            while True:
                lines.append(self.listener.accept()[0])
                self._start(self._connect, lines[-1])
        for line in lines:
            _hang_up(line)

    def _connect(self, client: socket.socket) -> None:
        host, port = self.server
        place = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        family = socket.AF_UNIX if host.startswith("/") else socket.AF_INET
        with client, socket.socket(family) as server, suppress(OSError):
            server.connect(place)
            back = threading.Thread(target=self._pass_on, args=(server, client))
            back.start()
            self._pass_on(client, server, first=True)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, first: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.flows.wait()
                if self._is_cut(data):
                    break
                target.sendall(data)
                with self.one_at_a_time:
                    self.spoken += first
                first = False
        _hang_up(source)
        _hang_up(target)

    def _is_cut(self, data: bytes) -> bool:
        with self.one_at_a_time:
            if self.cut_at is None or self.cut_at not in data:
                return False
            self.cut_at = None
            self.cuts += 1
            return True

    def _start(self, target, *arguments) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
