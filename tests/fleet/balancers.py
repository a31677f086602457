"""What stands before the gateways: the repository's configurations, with a fleet's own ports."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from parts import Part

CONFIG = Path(__file__).resolve().parents[2] / "config"


@dataclass
class Given:
    """Which gateway a request was given to last, and whether another was asked before."""

    gateway: str
    retried: bool


def with_ports(file: str, bound: str, front: int, gateways: list[int]) -> str:
    """A configuration; `bound` is what stands before the address that it listens on."""
    text = (CONFIG / file).read_text()
    ports = iter(gateways)
    text, servers = re.subn(
        r"^( *server (?:\w+ )?127\.0\.0\.1):\d+",
        lambda found: f"{found[1]}:{next(ports)}",
        text,
        flags=re.MULTILINE,
    )
    text, fronts = re.subn(rf"{bound} (?:127\.0\.0\.1:)?\d+", f"{bound} 127.0.0.1:{front}", text)
    if (servers, fronts) != (len(gateways), 1):
        sys.exit(f"config/{file} is not what the fleet takes it for")
    return text


class Nginx(Part):
    def __init__(self, program: str, front: int, gateways: list[int], work: Path):
        file = work / "nginx.conf"
        file.write_text(with_ports("nginx.conf", "listen", front, gateways))
        directives = f"daemon off; pid {work}/nginx.pid;"
        command = [program, "-p", work, "-c", file, "-e", work / "nginx-error.log"]
        super().__init__("nginx", [*command, "-g", directives], work)
        self.access_log = work / "access.log"

    def given(self) -> dict[str, Given]:
        found = {}
        for line in self.access_log.read_text().splitlines():
            # ID STATUS ADDRESS[, ADDRESS ...] STATUS[, STATUS ...] SECONDS "REQUEST"
            gateways = re.findall(r"127\.0\.0\.1:\d+", line.split('"')[0])
            if gateways:
                found[line.split(" ", 1)[0]] = Given(gateways[-1], len(gateways) > 1)
        return found


class Haproxy(Part):
    def __init__(self, program: str, front: int, gateways: list[int], work: Path):
        file = work / "haproxy.cfg"
        file.write_text(with_ports("haproxy.cfg", "bind", front, gateways))
        super().__init__("haproxy", [program, "-f", file], work)

    def given(self) -> dict[str, Given]:
        found = {}
        for line in self.log.read_text(errors="replace").splitlines():
            # ID STATUS ADDRESS RETRIES MILLISECONDS "REQUEST", among other lines
            told = re.match(r"(\w+) \d+ (127\.0\.0\.1:\d+) \+?(\d+) ", line)
            if told:
                found[told[1]] = Given(told[2], int(told[3]) > 0)
        return found


BALANCERS = {"nginx": Nginx, "haproxy": Haproxy}
