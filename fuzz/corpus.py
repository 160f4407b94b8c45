"""Makes the corpora of the fuzz targets from the fixtures: `python3 fuzz/corpus.py FOLDER`.

A file goes to the corpus of the format whose folder it stands in or whose extension it bears. Recordings of several files, and recordings with
something beside them, are packed into one: a line `=== NAME` before the bytes of each file, the file to open first. Sorted; the same fixtures
give the same corpora. Python 3, nothing else.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
# Longer ones slow the fuzzer down and hold nothing that short ones do not.
LONGEST = 131_072
FORMATS = {
    ".edf": "edf",
    ".bdf": "bdf",
    ".h5": "hdf5",
    ".nwb": "nwb",
    ".mat": "matlab",
    ".dcm": "dicom",
    ".abf": "abf",
    ".csv": "csv",
    ".hea": "wfdb",
}
TEXTS = {"labchart": "labchart", "synergy": "natus", "viking": "natus", "preamble": "csv"}


def put(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) <= LONGEST:
        (folder / name).write_bytes(content)


def pack(files: list[tuple[str, bytes]]) -> bytes:
    return b"\n".join(b"=== " + name.encode() + b"\n" + content for name, content in files)


def main(out: Path) -> None:
    files = sorted(path for path in FIXTURES.rglob("*") if path.is_file() and not {"make", "oracle"} & set(path.parts))
    for path in files:
        name = "-".join(path.relative_to(FIXTURES).parts)
        if path.suffix == ".txt":
            known = TEXTS.get(path.name.split("-")[0].split(".")[0])
        else:
            known = FORMATS.get(path.suffix)
        if known is None or name.endswith((".truth.json", ".tsv")):
            continue
        content = path.read_bytes()
        put(out / known, name, content)
        if path.suffix == ".mat" and content[:19] == b"MATLAB 7.3 MAT-file":
            put(out / "hdf5", name, content)
        # The text of a header without its signals is enough for some questions; with them it is a folder.
        beside = [other for other in files if other != path and other.parent == path.parent and belongs(path, other)]
        if beside:
            packed = [(path.name, content)] + [(other.name, other.read_bytes()) for other in beside[:11]]
            put(out / "folder", name, pack(packed))
    for tree in sorted({path.parent for path in files if path.name.endswith(("_emg.edf", "_emg.bdf"))}):
        bids(out, tree)


def belongs(path: Path, other: Path) -> bool:
    """Whether `other` belongs to the recording, as its name tells."""
    if other.name == path.name + ".endplate.toml":
        return True
    if path.suffix == ".hea":
        stem = path.stem.split("_")[0]
        return other.name.startswith(stem) and other.suffix not in (".edf", ".toml")
    return False


def bids(out: Path, folder: Path) -> None:
    """A folder of a BIDS dataset, with the tables and metadata of the folders above it."""
    root = folder
    while root != FIXTURES and not (root / "dataset_description.json").exists():
        root = root.parent
    if root == FIXTURES:
        root = folder
    tables = []
    for step in [folder, *[parent for parent in folder.parents if root in [parent, *parent.parents]]]:
        tables += sorted(path for path in step.iterdir() if path.suffix in (".tsv", ".json", ".toml"))
    for path in sorted(folder.glob("*_emg.[eb]df")):
        content = path.read_bytes()
        named = [(str(path.relative_to(root)), content)] + [(str(table.relative_to(root)), table.read_bytes()) for table in tables]
        put(out / "folder", "-".join(path.relative_to(FIXTURES).parts), pack(named[:12]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
