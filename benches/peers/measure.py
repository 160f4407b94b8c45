"""What all peers share: the filter, what is measured of each response, and the tables. numpy throughout, no loop over responses."""

import itertools
import json
import os
import time

import numpy as np

BAND_HZ = (3.0, 3000.0)
ORDER = 4
BEFORE_MS, AFTER_MS = 20.0, 80.0
BASELINE_MS = (-10.0, -0.5)
SEARCH_MS = (2.0, 30.0)  # the negative peak lies here; the lower end is beyond the artefact
RETURN_MS = 50.0  # the negative phase is over by then
ONSET_FRACTION = 0.05
TRAIN_GAP_S = 2.5



def band_pass(rate):
    """The band pass as second-order sections. scipy is imported here, because the unfiltered peers do without it."""
    from scipy import signal

    return signal.butter(ORDER, BAND_HZ, "bandpass", fs=rate, output="sos")


def samples(ms, rate):
    return round(ms * rate / 1000)


def measure(epochs, rate, before, gain=1.0, baseline=True):
    """Amplitude (mV), area of the negative phase (mV ms) and onset (ms) of each row; sample `before` of a row is its stimulus.

    The rows may be integers of `gain` mV each: only the part that is measured is turned into mV.
    """
    first, peak_end, last = (before + samples(ms, rate) for ms in (*SEARCH_MS, RETURN_MS))
    values = epochs[:, first:last].astype(np.float64)
    if gain != 1.0:
        values *= gain
    if baseline:
        begin, end = (before + samples(ms, rate) for ms in BASELINE_MS)
        values -= gain * epochs[:, begin : end + 1].mean(axis=1, keepdims=True)
    rows = np.arange(len(values))
    width = values.shape[1]
    peak = np.clip(values[:, : peak_end - first].argmax(axis=1), 1, width - 2)
    left, top, right = (values[rows, peak + step] for step in (-1, 0, 1))
    curvature = left - 2 * top + right
    amplitude = top - (left - right) ** 2 / (8 * curvature)

    # Onset: where the rise last passes 5 % of the peak; return: the first crossing of the baseline behind the peak. Only the columns in
    # which some row has it are looked at.
    threshold = ONSET_FRACTION * amplitude
    earliest, latest = peak.min(), peak.max()
    rising = values[:, :latest] < threshold[:, None]
    rising &= np.arange(latest) < peak[:, None]
    onset = latest - 1 - rising[:, ::-1].argmax(axis=1)
    falling = values[:, earliest:] <= 0
    falling &= np.arange(earliest, width) > peak[:, None]
    back = falling.argmax(axis=1)
    found = rising[rows, onset] & falling[rows, back]
    onset, back = np.where(found, onset, 0), np.where(found, earliest + back, 1)
    onset_part = (threshold - values[rows, onset]) / (values[rows, onset + 1] - values[rows, onset])
    back_part = values[rows, back - 1] / (values[rows, back - 1] - values[rows, back])

    # Trapezoids of the whole cells: a running sum that takes half of its first and last value. Then the partial cells at both ends.
    begin, end = onset.min() + 1, back.max()
    sums = np.cumsum(values[:, begin:end], axis=1)
    low, high = values[rows, onset + 1], values[rows, back - 1]
    area = sums[rows, np.maximum(back - 1 - begin, 0)] - sums[rows, onset + 1 - begin] + (low - high) / 2
    area += (1 - onset_part) * (threshold + low) / 2 + back_part * high / 2
    to_ms = 1000 / rate
    return {
        "amplitude_mv": amplitude,
        "area_mv_ms": np.where(found, area * to_ms, np.nan),
        "onset_ms": np.where(found, (first - before + onset + onset_part) * to_ms, np.nan),
    }


def trains(stimuli):
    """The index of the first stimulus of each train, and the number of stimuli behind the last."""
    gaps = np.flatnonzero(np.diff(stimuli) > TRAIN_GAP_S) + 1
    return [0, *gaps.tolist(), len(stimuli)]


def decrement(values, first):
    """The decrement from the first to the fourth response, in %."""
    return 100 * (1 - values[first + 3] / values[first])


RESPONSE_COLUMNS = ["label", "train", "response", "stimulus_s", "amplitude_mv", "area_mv_ms", "onset_ms"]
RESPONSE_ROW = "%s,%d,%d,%.6f,%.9g,%.9g,%.9g\n"
TRAIN_COLUMNS = ["label", "train", "start_s", "stimuli", "decrement_1_4_pct", "area_decrement_1_4_pct"]
TRAIN_ROW = "%s,%d,%.6f,%d,%.9g,%.9g\n"


def tables(label, stimuli, values):
    """Rows of responses and of trains of one channel."""
    amplitude, area, onset = (values[name].tolist() for name in ("amplitude_mv", "area_mv_ms", "onset_ms"))
    times = stimuli.tolist()
    responses, train_rows = [], []
    for train, (begin, end) in enumerate(itertools.pairwise(trains(stimuli)), 1):
        own = slice(begin, end)
        columns = zip(itertools.count(1), times[own], amplitude[own], area[own], onset[own])
        responses += [(label, train, *row) for row in columns]
        if end - begin >= 4:
            falls = (100 * (1 - values[begin + 3] / values[begin]) for values in (amplitude, area))
            train_rows.append((label, train, times[begin], end - begin, *falls))
    return responses, train_rows


def write(stem, channels, to="csv"):
    """Writes `stem`.responses.csv and `stem`.trains.csv, or `stem`.json. `channels` holds (label, stimuli, values) of each channel."""
    parts = [tables(*channel) for channel in channels]
    named = {
        "responses": (RESPONSE_COLUMNS, RESPONSE_ROW, [row for rows, _ in parts for row in rows]),
        "trains": (TRAIN_COLUMNS, TRAIN_ROW, [row for _, rows in parts for row in rows]),
    }
    if to == "json":
        document = {name: [dict(zip(columns, row)) for row in rows] for name, (columns, _, rows) in named.items()}
        with open(f"{stem}.json", "w", encoding="utf-8") as file:
            json.dump(document, file)
        return
    for name, (columns, template, rows) in named.items():
        with open(f"{stem}.{name}.csv", "w", encoding="utf-8") as file:
            file.write(",".join(columns) + "\n" + "".join([template % row for row in rows]))


def now():
    """Wall time and CPU time so far in s, that of processes that have ended included."""
    children = os.times()[2:4]
    return time.perf_counter(), time.process_time() + sum(children)


def report(since):
    """Prints what the job took since then; the start of Python and the imports before it are not in it."""
    wall, cpu = (end - start for start, end in zip(since, now()))
    print(json.dumps({"job_s": wall, "job_cpu_s": cpu}))
