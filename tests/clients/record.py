"""A proxy that writes down what a gateway answers, a line of JSON for each answer."""

import contextlib
import http.client
import http.server
import json
import select
import socket
import threading
import urllib.parse
from pathlib import Path

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "host"}


def serve(gateway: str, record: Path) -> str:
    """Passes requests on to `gateway`; the address to send them to."""
    target = urllib.parse.urlsplit(gateway).netloc
    lock = threading.Lock()
    record.write_text("")

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def leave_with_client(self, upstream: socket.socket, answered: threading.Event):
            """Gives a request up whose client leaves before its answer has begun."""
            while not answered.wait(0.05):
                readable, _, _ = select.select([self.connection], [], [], 0)
                with contextlib.suppress(OSError):
                    if readable and not self.connection.recv(1, socket.MSG_PEEK):
                        upstream.shutdown(socket.SHUT_RDWR)
                        return

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            upstream = http.client.HTTPConnection(target)
            upstream.request(self.command, self.path, body, headers)
            answered = threading.Event()
            threading.Thread(target=self.leave_with_client, args=(upstream.sock, answered)).start()
            try:
                answer = upstream.getresponse()
            except (OSError, http.client.HTTPException):  # the client left
                self.close_connection = True
                return
            finally:
                answered.set()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            whole, left = b"", False
            while piece := answer.read1(65536):
                whole += piece
                try:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                except OSError:  # the client left
                    left = True
                    break
            answer.close()  # which holds the connection too
            upstream.close()
            self.close_connection = left
            if not left:
                self.wfile.write(b"0\r\n\r\n")
            line = {
                "method": self.command,
                "path": self.path,
                "status": answer.status,
                "type": answer.getheader("content-type"),
                "left": left,
                "body": whole.decode(),
            }
            with lock, record.open("a") as out:
                out.write(json.dumps(line) + "\n")

        do_GET = do_POST = pass_on

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # a client that left before its answer

    server = Server(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
