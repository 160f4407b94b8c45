"""The large recording as compressed HDF5 with h5py and scipy, several threads: 3 Hz–3 kHz zero-phase, cut, tables.

Usage: large_h5py.py FILE.h5 -o RESULTS [--threads 2] [--no-filter]

The HDF5 library is behind one lock: while one thread reads and inflates a channel, the others can only filter.
"""

import argparse
import pathlib
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
from scipy import signal

import measure
from large_scipy import cut


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--filter", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    since = measure.now()
    with h5py.File(args.file) as file:
        texts = file["marks/texts"].asstr()[:]
        stimuli = file["marks/times_s"][:][texts == "stimulus"]

        def channel(index):
            group = file[f"channels/{index}"]
            rate, gain = float(group.attrs["rate_hz"]), float(group.attrs["gain_mv"])
            values = group["samples"][:]
            if args.filter:
                values = signal.sosfiltfilt(measure.band_pass(rate), values.astype(np.float64))
            epochs, before = cut(values, stimuli, rate)
            return group.attrs["label"], stimuli, measure.measure(epochs, rate, before, gain)

        with ThreadPoolExecutor(args.threads) as pool:
            channels = list(pool.map(channel, range(len(file["channels"]))))
    args.output.mkdir(parents=True, exist_ok=True)
    measure.write(args.output / args.file.name, channels)
    measure.report(since)


if __name__ == "__main__":
    main()
