"""Cold start of `clarion serve` on existing data, and what it holds in memory when idle.

Target: under 3 s from the command to `listening on`.

    python -m bench.start [rounds]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.acceptance.running import Server, eventually

TARGET_SECONDS = 3.0
IDLE_SECONDS = 3.0


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        server = Server(Path(folder) / "data", "--demo", environ={"CLARION_LOG_LEVEL": "warning"})
        eventually(lambda: any("aws pinpoint" in line for line in server.output), 60)
        server.settle()
        server.stop()
        starts, memory = [], []
        for _ in range(rounds):
            begun = time.perf_counter()
            server.restart()
            starts.append(time.perf_counter() - begun)
            time.sleep(IDLE_SECONDS)
            memory.append(_rss_mb(server.process.pid))
            server.stop()
    start = statistics.median(starts)
    print(f"cold start: {start:.2f} s ({start / TARGET_SECONDS:.2f} of {TARGET_SECONDS:.0f} s), median of {rounds}")
    print(f"idle memory: {statistics.median(memory):.0f} MB resident")
    return 0


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("the server is gone")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
