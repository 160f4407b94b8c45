"""Small studies with h5py or edfio, numpy and scipy: tables of each file, several processes.

Usage: study_scipy.py FILE|FOLDER … -o RESULTS [--no-filter] [--processes 2] [--to csv|json]

HDF5 files are in the layout of docs/formats/hdf5.md, EDF+D files have one sweep per data record. edfio does not tell when a record
begins, so this peer knows that the stimulus comes 20 ms after it.
"""

import argparse
import functools
import multiprocessing
import pathlib

import numpy as np

import measure


def read_hdf5(path):
    """Each channel as (label, rate, gain in mV, sweeps × samples of stored numbers, samples before the stimulus), and the stimuli in s."""
    import h5py

    with h5py.File(path) as file:
        texts = file["marks/texts"].asstr()[:]
        stimuli = file["marks/times_s"][:][texts == "stimulus"]
        channels = []
        for index in range(len(file["channels"])):
            group = file[f"channels/{index}"]
            rate, gain = float(group.attrs["rate_hz"]), float(group.attrs["gain_mv"])
            sweeps = group["samples"][:].reshape(len(group["segment_lengths"]), -1)
            before = round((stimuli[0] - group["segment_starts_s"][0]) * rate)
            channels.append((group.attrs["label"], rate, gain, sweeps, before))
    return channels, stimuli


def read_edf(path):
    """The same of an EDF+D file."""
    import edfio

    edf = edfio.read_edf(path)
    stimuli = np.array([mark.onset for mark in edf.annotations if mark.text == "stimulus"])
    channels = []
    for signal in edf.signals:
        rate = signal.sampling_frequency
        gain = (signal.physical_max - signal.physical_min) / (signal.digital_max - signal.digital_min)
        sweeps = signal.digital.reshape(edf.num_data_records, -1)
        channels.append((signal.label, rate, gain, sweeps, measure.samples(measure.BEFORE_MS, rate)))
    return channels, stimuli


@functools.cache
def sections(rate):
    return measure.band_pass(rate)


def filtered(sweeps, rate):
    from scipy import signal

    return signal.sosfiltfilt(sections(rate), sweeps.astype(np.float64), axis=-1)


def study(path, results, band_pass, to):
    channels, stimuli = (read_hdf5 if path.suffix == ".h5" else read_edf)(path)
    measured = []
    for label, rate, gain, sweeps, before in channels:
        if band_pass:
            sweeps = filtered(sweeps, rate)
        measured.append((label, stimuli, measure.measure(sweeps, rate, before, gain)))
    measure.write(results / path.name, measured, to)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="+", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--filter", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--to", choices=["csv", "json"], default="csv")
    args = parser.parse_args()
    files = [file for path in args.inputs for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    # Imported once here, before the processes are forked, and not counted as the job.
    suffixes = {file.suffix for file in files}
    if ".h5" in suffixes:
        import h5py  # noqa: F401
    if suffixes - {".h5"}:
        import edfio  # noqa: F401
    if args.filter:
        import scipy.signal  # noqa: F401
    since = measure.now()
    args.output.mkdir(parents=True, exist_ok=True)
    work = functools.partial(study, results=args.output, band_pass=args.filter, to=args.to)
    if args.processes == 1 or len(files) == 1:
        for file in files:
            work(file)
    else:
        with multiprocessing.get_context("fork").Pool(args.processes) as pool:
            for _ in pool.imap_unordered(work, files, chunksize=4):
                pass
    measure.report(since)


if __name__ == "__main__":
    main()
