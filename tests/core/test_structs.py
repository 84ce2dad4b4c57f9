"""Structs in threads: see `core.structs`."""

from __future__ import annotations

import subprocess
import sys

import clarion.server.system  # noqa: F401 - loads every struct of a server
from clarion.core import structs

NEVER_DECODED = {
    "clarion.domain.journeys.activities.port.Here",
    "clarion.domain.messaging.direct.round._To",
}

FIRST_USE_AT_ONCE = """
import sys, threading, types
import msgspec
from clarion.core import structs

sys.setswitchinterval(1e-6)
for family in range(20):
    module = sys.modules[f"family{family}"] = types.ModuleType(f"family{family}")
    lines = ["from __future__ import annotations", "import msgspec"]
    for number in range(40):
        inner = f"list[S{number + 1}]" if number < 39 else "int"
        lines += [f"class S{number}(msgspec.Struct):", f"    a: {inner}", "    b: dict[str, int] = {}"]
    exec("\\n".join(lines), module.__dict__)
    structs.prepare()
    together = threading.Barrier(4)

    def work(struct):
        together.wait()
        for _ in range(3):
            try:
                msgspec.json.decode(b'{"a": []}', type=struct)
            except msgspec.ValidationError:
                pass

    threads = [threading.Thread(target=work, args=(getattr(module, f"S{number}"),)) for number in (0, 9, 18, 27)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_every_struct_of_a_server_is_ready() -> None:
    assert {name for name in structs.prepare() if name.startswith("clarion.")} <= NEVER_DECODED


def test_first_use_in_several_threads_does_no_harm() -> None:
    assert subprocess.run([sys.executable, "-c", FIRST_USE_AT_ONCE], timeout=60, check=False).returncode == 0
