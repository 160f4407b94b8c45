"""endplate beside its peers, in one run: a Markdown report of times, memory and the aims.

Usage: compare.py FOLDER [--endplate target/release/endplate] [--rounds 5] [--only small large one page scale] [--quick]

Run it with the Python that has requirements.txt. FOLDER receives the recordings (0.75 GB for 500 studies in each of two formats, 0.13 GB for
the large one; they are made once), the results and compare.json with every single time. All files are in the page cache when
the times are taken. Programs run in turn, so that a change of the machine's speed meets all of them.

Times of endplate are those of the whole process. Of the peers "job" is without the start of Python and without imports, and the
aims compare with that, so that they say nothing about how fast Python starts. On a busy machine the ratios of CPU times are nearer
to the truth than those of the times that passed.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

from runs import Run, in_turn

HERE = pathlib.Path(__file__).resolve().parent
SECTIONS = ("small", "large", "one", "page", "scale")


class Comparison:
    """The programs of each section by name, and what the aims say about them."""

    def __init__(self, args):
        self.args = args
        self.folder = args.folder.resolve()
        self.endplate_path = str(args.endplate.resolve())
        self.runs = {}
        self.aims = []

    def endplate(self, name, inputs, *options, command="analyze"):
        results = self.folder / "results" / name.replace(" ", "-")
        words = [self.endplate_path, command, *map(str, inputs), "-o", str(results), "--quiet", *options]
        return self.add(Run(name, words, results))

    def peer(self, name, script, *arguments):
        results = self.folder / "results" / name.replace(" ", "-")
        words = [sys.executable, str(HERE / script), *map(str, arguments), "-o", str(results)]
        return self.add(Run(name, words, results))

    def reading(self, name, files):
        return self.add(Run(name, [], bytes_read=files))

    def add(self, run):
        self.runs[run.name] = run
        return run

    def aim(self, text, kind, limit, value, by_cpu=None):
        """`kind` is "at least" or "at most"; `value` is None where something failed. `by_cpu` is the same ratio of CPU times."""
        reached = value is not None and (value >= limit if kind == "at least" else value <= limit)
        self.aims.append({"aim": text, "kind": kind, "limit": limit, "value": value, "by_cpu": by_cpu, "reached": reached})

    def times_faster(self, text, limit, own, peers):
        """The fastest of the peers, by its job, beside the whole process of endplate."""
        ran = [peer for peer in peers if peer.job()]
        least = min((peer.job() for peer in ran), default=None)
        least_cpu = min((peer.job_cpu() for peer in ran), default=None)
        self.aim(text, "at least", limit, ratio(least, own.wall()), ratio(least_cpu, own.cpu()))


UNFILTERED = ("--settings", str(HERE / "unfiltered.toml"))


def small(c):
    """Hundreds of small studies."""
    for kind in ("hdf5", "edf"):
        files = sorted((c.folder / kind).iterdir())
        inputs = [c.folder / kind]
        runs = [c.reading(f"{kind} bytes", files)]
        pairs = []
        for filtered, options, flag in ((True, (), "--filter"), (False, UNFILTERED, "--no-filter")):
            word = "filtered" if filtered else "unfiltered"
            two = c.endplate(f"{kind} {word} endplate 2 threads", inputs, "--to", "csv", "--threads", "2", *options)
            one = c.endplate(f"{kind} {word} endplate 1 thread", inputs, "--to", "csv", "--threads", "1", *options)
            peers = [c.peer(f"{kind} {word} scipy {n} process{'es' * (n > 1)}", "study_scipy.py", *inputs, flag, "--processes", n) for n in (2, 1)]
            runs += [two, one, *peers]
            pairs.append((word, two, one, peers))
        in_turn(runs, c.args.rounds)
        for (word, two, one, peers), limit in zip(pairs, (12, 9)):
            c.times_faster(f"{len(files)} {kind} studies, {word}: times scipy with 2 processes", limit, two, peers)
            c.aim(f"{len(files)} {kind} studies, {word}: times reading their bytes", "at most", 3, ratio(two.wall(), runs[0].wall()), ratio(two.cpu(), runs[0].cpu()))
            c.aim(f"{len(files)} {kind} studies, {word}: 1 thread / 2 threads", "at least", 1.8, ratio(one.wall(), two.wall()))


def large(c):
    """One large recording, as EDF+ and as compressed HDF5."""
    edf, hdf5 = c.folder / "large/large.edf", c.folder / "large/large.h5"
    read = [c.reading("large edf bytes", [edf]), c.reading("large hdf5 bytes", [hdf5])]
    own = {}
    for kind, path in (("edf", edf), ("hdf5", hdf5)):
        for word, options in (("filtered", ()), ("unfiltered", UNFILTERED)):
            for n in (2, 1):
                name = f"large {kind} {word} endplate {n} thread{'s' * (n > 1)}"
                own[kind, word, n] = c.endplate(name, [path], "--to", "csv", "--threads", str(n), *options)
    mne = c.peer("large edf filtered MNE", "large_mne.py", edf)
    scipy = [c.peer(f"large edf filtered scipy {n} thread{'s' * (n > 1)}", "large_scipy.py", edf, "--threads", n) for n in (2, 1)]
    scipy.append(c.peer("large edf filtered scipy 2 threads around stimuli", "large_scipy.py", edf, "--around"))
    loaded = c.peer("large edf unfiltered numpy, all loaded", "large_numpy.py", edf, "--load")
    mapped = c.peer("large edf unfiltered numpy, only around stimuli", "large_numpy.py", edf)
    h5py = [c.peer(f"large hdf5 filtered h5py {n} thread{'s' * (n > 1)}", "large_h5py.py", hdf5, "--threads", n) for n in (2, 1)]
    h5py_plain = c.peer("large hdf5 unfiltered h5py", "large_h5py.py", hdf5, "--no-filter")
    in_turn([*read, *own.values(), mne, *scipy, loaded, mapped, *h5py, h5py_plain], c.args.rounds)
    c.times_faster("large EDF+, filtered: times MNE", 12, own["edf", "filtered", 2], [mne])
    c.times_faster("large EDF+, filtered: times the best scipy with 2 threads", 7, own["edf", "filtered", 2], scipy)
    c.times_faster("large EDF+, unfiltered: times numpy that loads all", 6, own["edf", "unfiltered", 2], [loaded])
    c.times_faster("large EDF+, unfiltered: times numpy that touches only what is around stimuli", 6, own["edf", "unfiltered", 2], [mapped])
    for word in ("filtered", "unfiltered"):
        c.aim(f"large EDF+, {word}: peak memory of endplate, MB", "at most", 60, own["edf", word, 2].peak_mb)
    c.times_faster("large gzip HDF5, filtered: times h5py and scipy", 4, own["hdf5", "filtered", 2], h5py)
    for kind in ("edf", "hdf5"):
        value = ratio(own[kind, "filtered", 1].wall(), own[kind, "filtered", 2].wall())
        c.aim(f"large {kind}, filtered: 1 thread / 2 threads", "at least", 1.8, value)


def one(c):
    """One small study from the start of the process to its JSON."""
    path = c.folder / "hdf5/study-0000.h5"
    own = c.endplate("one endplate", [path], "--to", "json")
    scipy = c.peer("one scipy", "study_scipy.py", path, "--to", "json")
    start = c.add(Run("one python -c pass", [sys.executable, "-c", "pass"]))
    in_turn([own, scipy, start], 4 * c.args.rounds)
    c.aim("one study to JSON: times the scipy stack, whole processes", "at least", 60, ratio(scipy.wall(), own.wall()), ratio(scipy.cpu(), own.cpu()))
    c.aim("one study to JSON: times `python -c pass`", "at most", 2, ratio(own.wall(), start.wall()), ratio(own.cpu(), start.cpu()))
    c.aim("one study to JSON: peak memory of endplate, MB", "at most", 15, own.peak_mb)


def page(c):
    """A page with figures: three trains of one channel."""
    path = c.folder / "page/page.h5"
    json_folder = c.folder / "results/page-json"
    shutil.rmtree(json_folder, ignore_errors=True)
    # The peer draws what stands in this JSON; reading and measuring are not part of its time.
    subprocess.run([c.endplate_path, "analyze", str(path), "-o", str(json_folder), "--to", "json", "--quiet"], check=False, stderr=subprocess.DEVNULL)
    study = next(json_folder.rglob("study.json"), json_folder / "study.json")
    pdf = c.endplate("page endplate report pdf", [path], "--to", "pdf", command="report")
    html = c.endplate("page endplate report html", [path], "--to", "html", command="report")
    svg = c.endplate("page endplate figures svg", [path], "--to", "svg")
    only = c.endplate("page endplate json, no page", [path], "--to", "json")
    matplotlib = c.add(Run("page matplotlib", [sys.executable, str(HERE / "page_matplotlib.py"), str(study), str(c.folder / "results/peer.pdf")]))
    in_turn([pdf, html, svg, only, matplotlib], c.args.rounds)
    for word, run in (("PDF", pdf), ("HTML", html), ("figures as SVG", svg)):
        c.times_faster(f"a page ({word}, reading and measuring included): times matplotlib's drawing", 30, run, [matplotlib])
        cost = run.wall() - only.wall() if run.wall() and only.wall() else None
        c.aim(f"a page ({word}), beyond the analysis, ms", "at most", 15, cost and cost * 1000)


def scale(c):
    """The same time per file and the same memory, however many files there are."""
    runs = []
    for count in c.args.many:
        folder = c.folder / f"many/{count}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # All of one size, as links: the page cache holds them once.
        sources = sorted((c.folder / "hdf5").iterdir())[::3]
        for index in range(count):
            os.link(sources[index % len(sources)], folder / f"study-{index:05}.h5")
        runs.append(c.endplate(f"scale {count} files endplate", [folder], "--to", "csv"))
    in_turn(runs, max(2, c.args.rounds // 2))
    few, many = c.args.many[0], c.args.many[-1]
    per_file, cpu_per_file = ([ratio(time(run), count) for run, count in zip(runs, c.args.many)] for time in (Run.wall, Run.cpu))
    c.aim(f"time per file, {many} files / {few} files", "at most", 1.1, ratio(per_file[-1], per_file[0]), ratio(cpu_per_file[-1], cpu_per_file[0]))
    c.aim(f"peak memory, {many} files / {few} files", "at most", 1.1, ratio(runs[-1].peak_mb, runs[0].peak_mb))


def ratio(one, other):
    return one / other if one and other else None


AGREEMENTS = [
    ("scipy 2 processes", "endplate 2 threads", "hdf5 {0}", "study-0000.h5"),
    ("scipy 2 processes", "endplate 2 threads", "edf {0}", "study-0001.edf"),
    ("scipy 2 threads", "MNE", "large edf {0}", "large.edf"),
    ("scipy 2 threads", "scipy 2 threads around stimuli", "large edf {0}", "large.edf"),
    ("scipy 2 threads", "endplate 2 threads", "large edf {0}", "large.edf"),
    ("numpy, all loaded", "numpy, only around stimuli", "large edf {0}", "large.edf"),
    ("numpy, only around stimuli", "endplate 2 threads", "large edf {0}", "large.edf"),
    ("h5py 2 threads", "endplate 2 threads", "large hdf5 {0}", "large.h5"),
]


def agreements(c):
    """Whether programs measured the same, from the tables of their last runs."""
    lines = []
    for a, b, group, file in AGREEMENTS:
        for word in ("filtered", "unfiltered"):
            names = [f"{group.format(word)} {program}" for program in (a, b)]
            tables = [table(c.runs.get(name), file) for name in names]
            if not all(tables):
                continue
            done = subprocess.run([sys.executable, str(HERE / "agree.py"), *map(str, tables), "--file", file], capture_output=True, text=True)
            found = json.loads(done.stdout) if done.returncode == 0 else {}
            cells = [f"{found[key][0]:.2g} / {found[key][1]:.2g}" if key in found else done.stderr.strip() for key in MEASURES]
            lines.append(f"| {names[0]} | {names[1]} | {' | '.join(cells)} |")
    return lines


MEASURES = ["amplitude_mv, %", "area_mv_ms, %", "onset_ms, ms", "decrement 1→4, points"]


def table(run, file):
    if run is None or run.failed:
        return None
    names = [run.results / f"{file}.responses.csv", run.results / "responses.csv"]
    return next((name for name in names if name.exists()), None)


def number(value, digits=3):
    return "" if value is None else f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:.0f}"


def files_per_second(c, run):
    kind = run.name.split()[0]
    if kind not in ("hdf5", "edf", "scale") or not run.job():
        return ""
    count = int(run.name.split()[1]) if kind == "scale" else c.args.studies
    return number(count / run.job(), 4)


def markdown(c, loads):
    peers = ("numpy", "scipy", "h5py", "edfio", "mne", "matplotlib")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in peers)
    version = subprocess.run([c.endplate_path, "--version"], capture_output=True, text=True).stdout.strip()
    yield f"{version} beside Python {platform.python_version()}, {versions}."
    yield f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores, load {loads[0]:.1f} before and {loads[1]:.1f} after. Medians of {c.args.rounds} rounds."
    yield ""
    yield "| program | whole process, ms | job, ms | CPU, ms | files/s | peak MB |"
    yield "|---|---|---|---|---|---|"
    for run in c.runs.values():
        if run.failed:
            yield f"| {run.name} | failed: {run.failed} | | | | |"
            continue
        ms = [number(value and value * 1000, 4) for value in (run.wall(), run.job(), run.cpu())]
        yield f"| {run.name} | {' | '.join(ms)} | {files_per_second(c, run)} | {number(run.peak_mb)} |"
    yield ""
    yield "| aim | limit | measured | by CPU time | reached |"
    yield "|---|---|---|---|---|"
    for aim in c.aims:
        yield f"| {aim['aim']} | {aim['kind']} {aim['limit']:g} | {number(aim['value'])} | {number(aim['by_cpu'])} | {'yes' if aim['reached'] else '**no**'} |"
    if lines := agreements(c):
        yield ""
        yield "Do they measure the same? Median / largest absolute difference:"
        yield ""
        yield f"| one | other | {' | '.join(MEASURES)} |"
        yield "|---|---|---|---|---|---|"
        yield from lines


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def make_recordings(c):
    """Once; made anew if other numbers are asked for."""
    wanted = f"{c.args.studies} {c.args.large_seconds} {(HERE / 'make_recordings.py').stat().st_size}"
    made = c.folder / "made.txt"
    if made.exists() and made.read_text() == wanted:
        return
    for name in ("hdf5", "edf", "large", "page", "many"):
        shutil.rmtree(c.folder / name, ignore_errors=True)
    script = [sys.executable, str(HERE / "make_recordings.py"), str(c.folder)]
    subprocess.run([*script, "--studies", str(c.args.studies), "--large-seconds", str(c.args.large_seconds)], check=True)
    made.write_text(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--endplate", type=pathlib.Path, default=HERE.parents[1] / "target/release/endplate")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--large-seconds", type=int, default=300)
    parser.add_argument("--many", type=lambda text: [int(count) for count in text.split(",")], default=[10, 1000], metavar="FEW,MANY")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--quick", action="store_true", help="12 studies, a minute of the large recording, 2 rounds, 10 and 40 files")
    args = parser.parse_args()
    if args.quick:
        args.studies, args.large_seconds, args.rounds, args.many = 12, 60, 2, [10, 40]
    if not args.endplate.exists():
        parser.error(f"no program {args.endplate}; build it with `cargo build --release`, or name it with --endplate")
    args.folder.mkdir(parents=True, exist_ok=True)
    c = Comparison(args)
    make_recordings(c)
    before = os.getloadavg()[0]
    for name in args.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        globals()[name](c)
    print("\n".join(markdown(c, (before, os.getloadavg()[0]))))
    raw = {name: {"wall_s": run.wall_s, "job_s": run.job_s, "cpu_s": run.cpu_s, "job_cpu_s": run.job_cpu_s, "peak_mb": run.peak_mb, "failed": run.failed} for name, run in c.runs.items()}
    (c.folder / "compare.json").write_text(json.dumps({"runs": raw, "aims": c.aims}, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
