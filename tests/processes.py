"""`clarion` commands as processes, forked from one that has everything loaded: loading is most of what a start costs.

Each test process has one such parent, made by the first command and gone with the test process. A command gets an
environment, a working folder and an output of its own; signals reach it, kill -9 kills it, and its exit code is what
the command's would be. What is asked for as `fresh` is executed as users do it, interpreter and all.
"""

from __future__ import annotations

import atexit
import functools
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import TextIO

COMMAND = [sys.executable, "-m", "clarion.cli.main"]


class Clarion:
    """A running command; of `subprocess.Popen` what tests use. `output` is what it writes, to both of its ends."""

    def __init__(self, arguments: Sequence[str], environ: Mapping[str, str], *, fresh: bool = False) -> None:
        self._popen: subprocess.Popen[str] | None = None
        if fresh:
            self._popen = subprocess.Popen(
                [*COMMAND, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            assert self._popen.stdout is not None
            self.output: TextIO = self._popen.stdout
            self.pid = self._popen.pid
            return
        ours, theirs = multiprocessing.Pipe(duplex=False)
        self._process = _forked(arguments, environ, theirs, theirs)
        self.output = _reader(ours)
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode if self._popen is None else self._popen.poll()

    def wait(self, timeout: float) -> int:
        """The exit code, once there is one. Raises subprocess.TimeoutExpired."""
        if self._popen is not None:
            return self._popen.wait(timeout)
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(COMMAND, timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """A signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)


def run(
    arguments: Sequence[str], environ: Mapping[str, str], *, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Raises subprocess.TimeoutExpired."""
    ends = multiprocessing.Pipe(duplex=False), multiprocessing.Pipe(duplex=False)
    process = _forked(arguments, environ, ends[0][1], ends[1][1])
    with ThreadPoolExecutor(2) as readers, _reader(ends[0][0]) as out, _reader(ends[1][0]) as err:
        said = [readers.submit(end.read) for end in (out, err)]
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([*COMMAND, *arguments], timeout)
        out_text, err_text = (one.result(timeout) for one in said)
    return subprocess.CompletedProcess([*COMMAND, *arguments], process.exitcode, out_text, err_text)


@functools.cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.loaded"])
    return context


def _forked(
    arguments: Sequence[str], environ: Mapping[str, str], out: Connection, err: Connection
) -> multiprocessing.context.ForkServerProcess:
    process = _context().Process(
        target=_become, args=(list(arguments), dict(environ), os.getcwd(), out, err), daemon=True
    )
    process.start()
    out.close()
    err.close()
    return process


def _reader(ours: Connection) -> TextIO:
    with ours:
        return os.fdopen(os.dup(ours.fileno()), encoding="utf-8")


def _become(arguments: list[str], environ: dict[str, str], folder: str, out: Connection, err: Connection) -> None:
    """In the forked process: be the command."""
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    for number, name, end in ((1, "stdout", out), (2, "stderr", err)):
        os.dup2(end.fileno(), number)
        setattr(sys, name, io.TextIOWrapper(io.FileIO(number, "w", closefd=False), "utf-8", write_through=True))
    out.close()
    if err is not out:
        err.close()
    sys.argv = ["clarion", *arguments]
    from clarion.cli.main import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()
