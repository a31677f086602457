"""The providers that gateway.py puts behind a gateway: nginx, which answers at once, and one whose streams come
event by event.
"""

import asyncio
import contextlib
import json
import pathlib
import selectors
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Of a stream.
EVENTS = 100
# Seconds between two events that come one by one.
PAUSE = 0.02

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_buffer_size 1m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  open_file_cache max=8;
  server {{
    listen 127.0.0.1:{port};
    error_page 405 =200 $uri;
    root {folder}/answers;
    location /whole/ {{ types {{}} default_type application/json; }}
    location /receipt/ {{ types {{}} default_type application/json; }}
    location /stream/ {{ types {{}} default_type text/event-stream; }}
  }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def precise():
    """A loop whose waits, unlike epoll's, may be shorter than a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def chunk(delta, finish=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stream"}
    return "data: " + json.dumps(about | {"choices": [choice]}) + "\n\n"


def whole(text):
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "whole",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
        }
    )


def events():
    """A stream of that many words."""
    words = [chunk({"content": "word "}) for _ in range(EVENTS - 2)]
    begin = chunk({"role": "assistant", "content": ""})
    return [begin, *words, chunk({}, "stop"), "data: [DONE]\n\n"]


def start_nginx(folder):
    port = free_port()
    receipt = json.loads((ROOT / "tests/fixtures/receipt-01-shop.json").read_text())
    receipt = {"taxes": [], "prepaid": 0, "rounding": 0} | receipt
    answers = {
        "whole": whole("word " * 150),
        "receipt": whole(json.dumps(receipt)),
        "stream": "".join(events()),
    }
    for name, answer in answers.items():
        file = folder / "answers" / name / "v1/chat/completions"
        file.parent.mkdir(parents=True)
        file.write_text(answer)
    # nginx's worker is another user where it is started by root.
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    return subprocess.Popen(["nginx", "-c", str(config), "-p", str(folder)]), port


async def pace(reader, writer):
    """Answers with a stream whose events come one by one, and say when they were sent."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    def write(text):
        writer.write(b"%x\r\n%b\r\n" % (len(text), text.encode()))

    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            length = asked.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            writer.write(head)
            write(chunk({"role": "assistant", "content": "word "}))
            for _ in range(EVENTS - 2):
                await asyncio.sleep(PAUSE)
                write(chunk({"content": f"at {time.perf_counter():.6f} "}))
            write(chunk({}, "stop"))
            write("data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
    writer.close()


def start_pacing():
    """The provider whose events come one by one, on a thread of its own; its port."""
    port = free_port()

    async def serve():
        server = await asyncio.start_server(pace, "127.0.0.1", port)
        await server.serve_forever()

    def run():
        with asyncio.Runner(loop_factory=precise) as runner:
            runner.run(serve())

    threading.Thread(target=run, daemon=True).start()
    return port
