"""The gateways that gateway.py measures, as processes."""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from load import KEY
from upstream import ROOT, free_port

OURS = """
[server]
port = {port}
[log]
level = "info"
[extract]
model = "receipt"
schemas = "{root}/schemas"
prompt = "{root}/config/prompts/any.txt"
prompts = {{ invoice = "{root}/config/prompts/invoice.txt" }}
"""

OUR_MODEL = """
[providers.{name}]
base_url = "http://127.0.0.1:{port}/{name}/v1"
[[models]]
id = "{name}"
provider = "{name}"
context_length = 32768
reads_pictures = true
concurrency = 256
queue_length = 256
"""


class Program:
    """A gateway as a process."""

    def __init__(self, name, port, command, environment=None, reads_receipts=True):
        self.name = name
        self.port = port
        self.reads_receipts = reads_receipts
        self.log = tempfile.TemporaryFile("w+")
        environment = os.environ | (environment or {})
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)

    def wait(self, case):
        """Until it answers, and rightly."""
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                self.ask(case)
                break
            time.sleep(0.5)
        else:
            self.fail("does not answer")
        if self.process.poll() is not None:
            self.fail("did not start")
        status, headers, text = self.ask(case)
        if status != 200:
            self.fail(f"answered {status} {text[:200]}")
        if case.path == "/extract" and headers["x-cache"] != "hit":
            self.fail(f"answered with x-cache: {headers['x-cache']}")
        if b"word" not in text and case.path != "/extract":
            self.fail(f"answered {text[:200]}")

    def fail(self, what):
        self.log.seek(0)
        sys.exit(f"{self.name} {what}:\n{self.log.read()[-4000:]}")

    def ask(self, case):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"content-type": case.kind, "authorization": f"Bearer {KEY}"}
        try:
            connection.request("POST", case.path, case.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def processor_seconds(self):
        """What it has used so far, in all its threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def ours(name, program, upstreams, folder):
    """A build of this gateway, that asks `upstreams`: the ports of providers by name."""
    port = free_port()
    config = OURS.format(port=port, root=ROOT)
    config += "".join(OUR_MODEL.format(name=model, port=at) for model, at in upstreams.items())
    file = folder / f"{port}.toml"
    file.write_text(config)
    return Program(name, port, [program, "--config", str(file)])


def litellm(program, upstreams, folder):
    """LiteLLM's proxy, that asks the same."""
    port = free_port()
    models = [
        {
            "model_name": name,
            "litellm_params": {
                "model": f"openai/{name}",
                "api_base": f"http://127.0.0.1:{at}/{name}/v1",
                "api_key": "none",
            },
        }
        for name, at in upstreams.items()
    ]
    file = folder / "litellm.yaml"
    # JSON is YAML.
    file.write_text(json.dumps({"model_list": models}))
    command = [program, "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    environment = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOG": "ERROR"}
    return Program("LiteLLM", port, command, environment, reads_receipts=False)
