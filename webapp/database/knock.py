"""Whether a PostgreSQL is at an address: asked without a password, and without taking one of its connections."""

import socket
import struct

SSL_REQUEST = struct.pack(">ii", 8, 80877103)


def answered(host: str, port: int, *, within: float) -> bool:
    """Whether one says anything at all within so many seconds; `host` may be the folder of a socket."""
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(within)
                line.connect(f"{host}/.s.PGSQL.{port}")
                return _says_something(line)
        with socket.create_connection((host, port), within) as line:
            return _says_something(line)
    except OSError:
        return False


def _says_something(line: socket.socket) -> bool:
    line.sendall(SSL_REQUEST)
    return bool(line.recv(1))
