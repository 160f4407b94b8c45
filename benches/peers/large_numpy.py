"""The large EDF+ file without a filter, with numpy alone.

Usage: large_numpy.py FILE.edf -o RESULTS [--load]

The file is mapped and only what lies around the stimuli is touched. With --load every sample is read and turned into mV first, as
most scripts do.
"""

import argparse
import pathlib
import re

import numpy as np

import measure

TAL = re.compile(rb"([+-][\d.]+)(?:\x15[\d.]+)?\x14stimulus\x14")


def open_edf(path):
    """Labels, gains in mV, rate, records × channels × samples as mapped, and the stimuli; all signals have the same rate."""
    with open(path, "rb") as file:
        fixed = file.read(256)
        count = int(fixed[252:256])
        fields = file.read(256 * count).decode("ascii")
    records, record_s = int(fixed[236:244]), float(fixed[244:252])

    def field(offset, width):
        return [fields[offset * count + i * width : offset * count + (i + 1) * width].strip() for i in range(count)]

    labels = field(0, 16)
    physical_low, physical_high = (np.array(field(at, 8), float) for at in (104, 112))
    digital_low, digital_high = (np.array(field(at, 8), float) for at in (120, 128))
    lengths = [int(length) for length in field(216, 8)]
    channels, samples = count - 1, lengths[0]
    layout = np.dtype([("samples", "<i2", (channels, samples)), ("tals", "u1", 2 * lengths[-1])])
    data = np.memmap(path, layout, "r", 256 * (count + 1), records)
    gains = (physical_high - physical_low) / (digital_high - digital_low)
    stimuli = np.array([float(time) for time in TAL.findall(data["tals"].tobytes())])
    return labels[:channels], gains, samples / record_s, data["samples"], stimuli


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--load", action="store_true")
    args = parser.parse_args()
    since = measure.now()
    labels, gains, rate, records, stimuli = open_edf(args.file)
    before, after = (measure.samples(ms, rate) for ms in (measure.BEFORE_MS, measure.AFTER_MS))
    at = np.rint(stimuli * rate).astype(np.int64)[:, None] + np.arange(-before, after)
    # Where the samples of the first channel stand in the whole file, records and annotations in between included.
    step, length = records.strides[0] // records.itemsize, records.shape[2]
    flat = np.lib.stride_tricks.as_strided(records, (step * (len(records) - 1) + records[0].size,), (records.itemsize,))
    places = at + at // length * (step - length)
    channels = []
    for index, (label, gain) in enumerate(zip(labels, gains)):
        if args.load:
            epochs = (records[:, index].ravel() * np.float32(gain))[at]
            gain = 1.0
        else:
            epochs = flat[index * length :].take(places)
        channels.append((label, stimuli, measure.measure(epochs, rate, before, gain)))
    args.output.mkdir(parents=True, exist_ok=True)
    measure.write(args.output / args.file.name, channels)
    measure.report(since)


if __name__ == "__main__":
    main()
