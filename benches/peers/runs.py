"""Runs programs in turn and takes their times and peak memory. Only the standard library, so that this process stays small."""

import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

BUFFER = bytearray(1 << 20)


@dataclasses.dataclass
class Run:
    """A program to be timed; `results` is removed before each run, outside of the time."""

    name: str
    command: list
    results: pathlib.Path | None = None
    bytes_read: list = dataclasses.field(default_factory=list)
    wall_s: list = dataclasses.field(default_factory=list)
    job_s: list = dataclasses.field(default_factory=list)
    cpu_s: list = dataclasses.field(default_factory=list)
    job_cpu_s: list = dataclasses.field(default_factory=list)
    peak_mb: float | None = None
    failed: str | None = None

    def wall(self):
        return statistics.median(self.wall_s) if self.wall_s else None

    def job(self):
        """Without imports and the start of the interpreter, if the program tells it; else all."""
        return statistics.median(self.job_s) if self.job_s else self.wall()

    def cpu(self):
        return statistics.median(self.cpu_s) if self.cpu_s else None

    def job_cpu(self):
        return statistics.median(self.job_cpu_s) if self.job_cpu_s else self.cpu()

    def clear(self):
        if self.results:
            shutil.rmtree(self.results, ignore_errors=True)
            self.results.parent.mkdir(parents=True, exist_ok=True)


def read_bytes(files):
    """Reads the files into one buffer that is used again: the limit of any program that reads them."""
    for path in files:
        with open(path, "rb", buffering=0) as file:
            while file.readinto(BUFFER):
                pass


def job_times(text):
    """Wall and CPU time of a peer by itself in s: a line {"job_s": …, "job_cpu_s": …}."""
    for line in text.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            return told["job_s"], told["job_cpu_s"]
    return None


def warm_up(run):
    """One run that is not timed. It gives the peak memory, of the largest process if there are several.

    Linux hands a program the peak of the process that started it, so that GNU time, which is tiny, starts it.
    """
    if not run.command:
        read_bytes(run.bytes_read)
        return
    run.clear()
    with tempfile.NamedTemporaryFile("r") as told:
        timed = ["/usr/bin/time", "-f", "%M", "-o", told.name] if os.path.exists("/usr/bin/time") else []
        done = subprocess.run(timed + run.command, capture_output=True, text=True)
        if done.returncode:
            run.failed = (done.stderr or done.stdout).strip().splitlines()[-1:][0] if done.stderr or done.stdout else f"exit {done.returncode}"
        elif timed:
            run.peak_mb = int(told.read().split()[-1]) / 1024


def once(run):
    if run.failed:
        return
    if not run.command:
        start, used = time.perf_counter(), time.process_time()
        read_bytes(run.bytes_read)
        run.wall_s.append(time.perf_counter() - start)
        run.cpu_s.append(time.process_time() - used)
        return
    run.clear()
    start = time.perf_counter()
    with subprocess.Popen(run.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        run.failed = f"exit {process.returncode}"
        return
    run.wall_s.append(wall)
    run.cpu_s.append(usage.ru_utime + usage.ru_stime)
    if job := job_times(text):
        run.job_s.append(job[0])
        run.job_cpu_s.append(job[1])


def in_turn(runs, rounds):
    """Each program once per round, each round beginning with another one."""
    for run in runs:
        warm_up(run)
    for number in range(rounds):
        first = number % len(runs)
        for run in runs[first:] + runs[:first]:
            once(run)
