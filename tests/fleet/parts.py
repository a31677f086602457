"""The programs of a fleet, and how to see that they are up."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

START_SECONDS = 180


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now; all are held until all are found."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Part:
    """A program of the fleet, which can be started more than once."""

    def __init__(self, name: str, command: list, work: Path, environment: dict | None = None):
        self.name, self.command, self.environment = name, command, environment
        self.log = work / f"{name}.log"
        self.process = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=out, stderr=out
            )

    def wait(self, is_up) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if is_up():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        tail = self.log.read_text(errors="replace")[-2000:]
        sys.exit(f"{self.name} does not start:\n{tail}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    finally:
        connection.close()


def pongs(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
