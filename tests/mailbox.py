"""A mail server on this machine, as far as SMTP goes, that does what a test tells it to."""

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Barrier, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from webapp.mail.settings import MailServer

HOST = "127.0.0.1"
BASE_URL = "https://desk.example"
SENDER = "Lead desk <desk@desk.example>"
HANG_UP = 0


@dataclass
class Mailbox:
    """What arrived, in order, and how the next commands are answered: code by address, 0 hangs up."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    password: str = ""
    arrived: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """The code for RCPT by address, and for whole commands by their names."""
    lines: int = 0
    together: Barrier | None = None
    """Who hands something over waits here for the others."""
    was_encrypted: bool = False

    def server(self, scheme: str = "smtp", **more) -> MailServer:
        """This server as settings tell of it."""
        return MailServer(scheme, HOST, self.port, SENDER, BASE_URL, **more)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.arrived if mail["To"] == address]


class Handler(socketserver.StreamRequestHandler):
    """One line; commands that nobody scripted succeed."""

    def handle(self):
        self.box: Mailbox = self.server.box
        self.box.lines += 1
        self.sender, self.recipients, self.is_over = "", [], False
        if self.is_refused("CONNECT"):
            return
        self.say(220, "ready")
        while not self.is_over and (line := self.rfile.readline(2_000)):
            verb, _space, rest = line.decode().strip().partition(" ")
            if not self.is_refused(verb.upper()):
                getattr(self, f"on_{verb.lower()}", self.unknown)(rest)

    def on_ehlo(self, _rest):
        offers = ["desk.test", "8BITMIME", "SMTPUTF8"]
        offers += ["STARTTLS"] if self.box.tls and not self.is_encrypted else []
        offers += ["AUTH PLAIN"] if self.box.password else []
        self.wfile.write("".join(f"250-{offer}\r\n" for offer in offers[:-1]).encode())
        self.say(250, offers[-1])

    def on_starttls(self, _rest):
        self.say(220, "go on")
        self.connection = self.box.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.box.was_encrypted = True

    def finish(self):
        super().finish()
        self.connection.close()

    def on_auth(self, rest):
        self.say(235 if rest == f"PLAIN {self.box.password}" else 535, "so it is")

    def on_mail(self, rest):
        self.sender, self.recipients = rest, []
        self.say(250, "fine")

    def on_rcpt(self, rest):
        address = rest.partition("<")[2].partition(">")[0]
        code = self.box.answers.get(address, 250)
        if code == HANG_UP:
            self.is_over = True
            return
        self.recipients += [address] if code == 250 else []
        self.say(code, "said of that address")

    def on_data(self, _rest):
        self.say(354, "go on")
        kept = []
        while (line := self.rfile.readline(10_000)) not in (b".\r\n", b""):
            kept.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.box.together:
            self.box.together.wait(timeout=30)
        if self.is_refused("END"):
            return
        self.box.arrived.append(message_from_bytes(b"".join(kept), policy=policy.default))
        self.box.envelopes.append((self.sender, self.recipients))
        self.say(250, "taken")

    def on_rset(self, _rest):
        self.say(250, "fine")

    def on_quit(self, _rest):
        self.say(221, "bye")
        self.is_over = True

    def unknown(self, _rest):
        self.say(502, "unknown")

    @property
    def is_encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def is_refused(self, verb: str) -> bool:
        code = self.box.answers.get(verb)
        if code is None:
            return False
        if code == HANG_UP:
            self.is_over = True
        else:
            self.say(code, "no")
        return True

    def say(self, code: int, words: str):
        self.wfile.write(f"{code} {words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Mailbox

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is no news."""


@contextmanager
def mailbox(port: int = 0, tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[Mailbox]:
    """A mail server that answers until the end of this."""
    with Server((HOST, port), Handler) as server:
        server.box = Mailbox(server.server_address[1], tls, password)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.box
        finally:
            server.shutdown()
            thread.join()


def certificate(folder: Path) -> Path:
    """A key and a certificate of this machine, signed by nobody else, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.test")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    named = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    alone = x509.BasicConstraints(ca=True, path_length=None)
    signed = made.add_extension(named, critical=False).add_extension(alone, critical=True).sign(key, hashes.SHA256())
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *plain) + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path
