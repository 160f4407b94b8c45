"""The recordings of the comparison: small studies as HDF5 and EDF+, one large recording as EDF+ and as compressed HDF5.

Usage: make_recordings.py FOLDER [--studies 500] [--large-seconds 300]

    FOLDER/hdf5/study-0000.h5 …   2 channels, 12 trains of 10 responses at 3 Hz, sweeps of 100 ms at 20, 25 or 48 kHz
    FOLDER/edf/study-0000.edf …   the same stored numbers as EDF+D, one data record per sweep
    FOLDER/large/large.edf        16 channels, 300 s at 10 kHz, a train of 10 stimuli at 3 Hz every 10 s (30 trains)
    FOLDER/large/large.h5         the same stored numbers, chunked, shuffled, gzip 4, as `endplate convert` writes them
    FOLDER/page/page.h5           three trains of one channel, for a page of figures

The HDF5 layout is that of docs/formats/hdf5.md. Stimuli are marked in all of them. The same numbers every time: each study has its
own seed. Small studies are stored without compression, so that reading them is a matter of bytes and not of inflating.
"""

import argparse
import pathlib

import h5py
import numpy as np

RATES_HZ = (20_000, 25_000, 48_000)
MUSCLES = ("ADM", "APB")
TRAINS, RESPONSES = 12, 10
TRAIN_EVERY_S = 30.0
INTERVALS_S = np.round(np.arange(RESPONSES) / 3, 4)  # EDF+ writes times as decimals
SWEEP_S, BEFORE_S = 0.1, 0.02

LARGE_CHANNELS, LARGE_RATE_HZ, LARGE_TRAIN_EVERY_S, LARGE_FIRST_S = 16, 10_000, 10, 2.0

GAIN_MV = 0.001  # 1 µV per step, so that the extremes of EDF are exact
RAILS = (-32768, 32767)
NOISE_MV = 0.005  # RMS in 10 kHz


def response(ms, peak_ms, width_ms):
    """A CMAP of 1 mV: a negative phase (up) and a lower, longer positive one."""
    shape = np.exp(-(((ms - peak_ms) / width_ms) ** 2)) - 0.45 * np.exp(-(((ms - peak_ms - 2.9 * width_ms) / (1.6 * width_ms)) ** 2))
    return shape / shape.max()


def artefact(ms):
    """The stimulus artefact: a pulse of 0.2 ms and its exponential tail."""
    return np.where((ms >= 0) & (ms < 0.2), 2.0, 0.0) + np.where(ms >= 0.2, 0.08 * np.exp(-(ms - 0.2) / 0.8), 0.0)


def course(decrement):
    """The heights of a train relative to its first response: a fall until about the fifth, then a slight recovery."""
    k = np.arange(RESPONSES)
    return 1 - decrement * (1 - np.exp(-k / 1.5)) + 0.02 * np.clip(k - 5, 0, None) * decrement


def to_steps(millivolts):
    return np.clip(np.rint(millivolts / GAIN_MV), *RAILS).astype("<i2")


def study(index):
    """Rate, time of each sweep, and the stored numbers as channels × sweeps × samples."""
    rng = np.random.default_rng([1, index])
    rate = RATES_HZ[index % len(RATES_HZ)]
    length = round(SWEEP_S * rate)
    ms = (np.arange(length) / rate - BEFORE_S) * 1000
    starts = np.add.outer(np.arange(TRAINS) * TRAIN_EVERY_S, INTERVALS_S).ravel()
    channels = []
    for _ in MUSCLES:
        shape = response(ms, rng.uniform(5.5, 7.0), rng.uniform(1.4, 1.9))
        heights = rng.uniform(2, 10) * np.concatenate([course(d) for d in rng.uniform(0, 0.3, TRAINS)])
        noise = rng.standard_normal((heights.size, length), dtype=np.float32) * np.float32(NOISE_MV * (rate / 20_000) ** 0.5)
        channels.append(to_steps(noise + np.outer(heights, shape) + artefact(ms)))
    return rate, starts, np.stack(channels)


def large(seconds):
    """Times of the stimuli and the stored numbers as channels × samples."""
    stimuli = np.add.outer(np.arange(LARGE_FIRST_S, seconds - 4, LARGE_TRAIN_EVERY_S), INTERVALS_S)
    ms = np.arange(round(0.09 * LARGE_RATE_HZ)) / LARGE_RATE_HZ * 1000
    samples = np.empty((LARGE_CHANNELS, round(seconds * LARGE_RATE_HZ)), "<i2")
    for channel, stored in enumerate(samples):
        rng = np.random.default_rng([2, channel])
        shape = response(ms, rng.uniform(5.5, 7.0), rng.uniform(1.4, 1.9))
        height = rng.uniform(2, 10)
        signal = rng.standard_normal(stored.size, dtype=np.float32) * np.float32(NOISE_MV * (LARGE_RATE_HZ / 20_000) ** 0.5)
        for train, decrement in zip(stimuli, rng.uniform(0, 0.3, len(stimuli))):
            for time, factor in zip(train, course(decrement)):
                first = round(time * LARGE_RATE_HZ)
                signal[first : first + ms.size] += height * factor * shape + artefact(ms)
        stored[:] = to_steps(signal)
    return stimuli.ravel(), samples


def write_hdf5(path, rate, labels, samples, stimuli, starts=None, compress=False):
    """The own layout. `samples` is channels × samples or, with the `starts` of the sweeps, channels × sweeps × samples."""
    options = {"chunks": (65_536,), "compression": "gzip", "compression_opts": 4, "shuffle": True} if compress else {}
    with h5py.File(path, "w") as file:
        file.attrs["endplate_layout"] = 1
        file.attrs["started"] = "2026-03-01T09:30:00"
        for index, (label, own) in enumerate(zip(labels, samples)):
            group = file.create_group(f"channels/{index}")
            group.attrs["label"] = label
            group.attrs["rate_hz"] = rate
            group.attrs["gain_mv"] = GAIN_MV
            group.attrs["rails"] = RAILS
            group.create_dataset("samples", data=own.ravel(), **options)
            if starts is not None:
                group["segment_starts_s"] = starts
                group["segment_lengths"] = np.full(starts.size, own.shape[1])
        file["marks/times_s"] = stimuli
        file["marks/texts"] = ["stimulus"] * len(stimuli)


def write_edf(path, kind, rate, labels, records, record_s, starts, stimuli):
    """EDF+. `records` is records × channels × samples, `stimuli` the times within each record."""
    tals = []
    for start, own in zip(starts, stimuli):
        texts = [f"+{start:.10g}\x14\x14\0", *(f"+{time:.10g}\x14stimulus\x14\0" for time in own)]
        tals.append("".join(texts).encode())
    annotation_bytes = -(-max(map(len, tals)) // 2) * 2
    count, channels, length = records.shape
    signals = [*labels, "EDF Annotations"]
    lows = [f"{GAIN_MV * RAILS[0]:.6g}"] * channels + ["-1"]
    highs = [f"{GAIN_MV * RAILS[1]:.6g}"] * channels + ["1"]
    fields = [
        (8, ["0"]),
        (80, ["X X X X"]),
        (80, ["Startdate 01-MAR-2026 X X X"]),
        (8, ["01.03.26"]),
        (8, ["09.30.00"]),
        (8, [256 * (len(signals) + 1)]),
        (44, [kind]),
        (8, [count]),
        (8, [f"{record_s:g}"]),
        (4, [len(signals)]),
        (16, signals),
        (80, [""] * len(signals)),
        (8, ["mV"] * channels + [""]),
        (8, lows),
        (8, highs),
        (8, [RAILS[0]] * len(signals)),
        (8, [RAILS[1]] * len(signals)),
        (80, [""] * len(signals)),
        (8, [length] * channels + [annotation_bytes // 2]),
        (32, [""] * len(signals)),
    ]
    header = "".join(str(value).ljust(width)[:width] for width, values in fields for value in values)
    body = np.zeros(count, [("samples", "<i2", (channels, length)), ("tals", f"S{annotation_bytes}")])
    body["samples"] = records
    body["tals"] = tals
    with open(path, "wb") as file:
        file.write(header.encode("ascii"))
        body.tofile(file)


def make_small(folder, count):
    for name in ("hdf5", "edf"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        rate, starts, samples = study(index)
        stimuli = starts + BEFORE_S
        write_hdf5(folder / f"hdf5/study-{index:04}.h5", rate, MUSCLES, samples, stimuli, starts)
        write_edf(folder / f"edf/study-{index:04}.edf", "EDF+D", rate, MUSCLES, samples.swapaxes(0, 1), SWEEP_S, starts, stimuli[:, None])


def make_page(folder):
    (folder / "page").mkdir(parents=True, exist_ok=True)
    rate, starts, samples = study(0)
    sweeps = 3 * RESPONSES
    starts = starts[:sweeps]
    write_hdf5(folder / "page/page.h5", rate, MUSCLES[:1], samples[:1, :sweeps], starts + BEFORE_S, starts)


def make_large(folder, seconds):
    (folder / "large").mkdir(parents=True, exist_ok=True)
    stimuli, samples = large(seconds)
    labels = [f"EMG {channel + 1}" for channel in range(LARGE_CHANNELS)]
    write_hdf5(folder / "large/large.h5", LARGE_RATE_HZ, labels, samples, stimuli, compress=True)
    records = samples.reshape(LARGE_CHANNELS, seconds, LARGE_RATE_HZ).swapaxes(0, 1)
    marks = [stimuli[(stimuli >= second) & (stimuli < second + 1)] for second in range(seconds)]
    write_edf(folder / "large/large.edf", "EDF+C", LARGE_RATE_HZ, labels, records, 1, range(seconds), marks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--large-seconds", type=int, default=300)
    args = parser.parse_args()
    make_small(args.folder, args.studies)
    make_page(args.folder)
    make_large(args.folder, args.large_seconds)


if __name__ == "__main__":
    main()
