"""A real Postfix in a folder of its own, which sends on what it is given and tells the sender what became of it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.relay.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
transport_maps = inline:{{ {transports} }}
smtp_tls_security_level = none
maillog_file = {folder}/log
maillog_file_prefixes = {prefix}
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""
_SERVICES = Path("/etc/postfix/master.cf")


@contextmanager
def postfix(transports: Mapping[str, int]) -> Iterator[int]:
    """Runs it; mail to these domains goes to these ports of this machine. Answers its own port."""
    if shutil.which("postfix") is None or not _SERVICES.exists():
        pytest.skip("Postfix is not installed (Debian: apt-get install postfix)")
    # Its daemons run as another user and must get there, so not pytest's folder.
    with tempfile.TemporaryDirectory(prefix="clarion-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = _free_port()
        for part in ("conf", "spool", "data"):
            (folder / part).mkdir()
        shutil.chown(folder / "data", "postfix")
        routes = ", ".join(f"{{{domain} = smtp:[127.0.0.1]:{to}}}" for domain, to in transports.items())
        main = _MAIN.format(folder=folder, transports=routes, prefix=folder)
        (folder / "conf" / "main.cf").write_text(main)
        # Nothing in a chroot, and the server on a port of ours.
        services = re.sub(r"^(\S+ +\S+ +[-yn] +[-yn] +)y", r"\1n", _SERVICES.read_text(), flags=re.MULTILINE)
        services = re.sub(r"^smtp( +inet)", rf"127.0.0.1:{port}\1", services, flags=re.MULTILINE)
        (folder / "conf" / "master.cf").write_text(services)
        command = ["postfix", "-c", str(folder / "conf")]
        started = subprocess.run([*command, "start"], capture_output=True, text=True, timeout=30, check=False)
        assert started.returncode == 0, started.stderr + (folder / "log").read_text()
        try:
            yield port
        finally:
            subprocess.run([*command, "stop"], capture_output=True, timeout=30, check=False)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
