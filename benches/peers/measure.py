"""What all peers share: the filter, what is measured of each response, and the tables. numpy throughout, no loop over responses."""

import csv
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

    # Onset: where the rise last passes 5 % of the peak; return: the first crossing of the baseline behind the peak.
    threshold = ONSET_FRACTION * amplitude
    columns = np.arange(width)
    rising = (values < threshold[:, None]) & (columns < peak[:, None])
    onset = width - 1 - rising[:, ::-1].argmax(axis=1)
    falling = (values <= 0) & (columns > peak[:, None])
    back = falling.argmax(axis=1)
    found = rising[rows, onset] & falling[rows, back]
    onset, back = np.where(found, onset, 0), np.where(found, back, 1)
    onset_part = (threshold - values[rows, onset]) / (values[rows, onset + 1] - values[rows, onset])
    back_part = values[rows, back - 1] / (values[rows, back - 1] - values[rows, back])

    # Trapezoids with partial cells at both ends.
    sums = np.zeros_like(values)
    np.cumsum((values[:, 1:] + values[:, :-1]) / 2, axis=1, out=sums[:, 1:])
    area = (
        sums[rows, back - 1]
        - sums[rows, onset + 1]
        + (1 - onset_part) * (threshold + values[rows, onset + 1]) / 2
        + back_part * values[rows, back - 1] / 2
    )
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


def tables(label, stimuli, values):
    """Rows of responses and of trains of one channel."""
    bounds = trains(stimuli)
    columns = [column.tolist() for column in values.values()]
    responses = []
    train_rows = []
    for train, (begin, end) in enumerate(itertools.pairwise(bounds), 1):
        own = zip(stimuli[begin:end].tolist(), *(column[begin:end] for column in columns))
        responses += [[label, train, k, f"{at:.6f}", *(f"{v:.9g}" for v in row)] for k, (at, *row) in enumerate(own, 1)]
        if end - begin >= 4:
            falls = (decrement(values[name], begin) for name in ("amplitude_mv", "area_mv_ms"))
            train_rows.append([label, train, f"{stimuli[begin]:.6f}", end - begin, *(f"{fall:.9g}" for fall in falls)])
    return responses, train_rows


RESPONSE_COLUMNS = ["label", "train", "response", "stimulus_s", "amplitude_mv", "area_mv_ms", "onset_ms"]
TRAIN_COLUMNS = ["label", "train", "start_s", "stimuli", "decrement_1_4_pct", "area_decrement_1_4_pct"]


def write(stem, channels, to="csv"):
    """Writes `stem`.responses.csv and `stem`.trains.csv, or `stem`.json. `channels` holds (label, stimuli, values) of each channel."""
    parts = [tables(*channel) for channel in channels]
    named = {
        "responses": (RESPONSE_COLUMNS, [row for rows, _ in parts for row in rows]),
        "trains": (TRAIN_COLUMNS, [row for _, rows in parts for row in rows]),
    }
    if to == "json":
        document = {name: [dict(zip(columns, row)) for row in rows] for name, (columns, rows) in named.items()}
        with open(f"{stem}.json", "w", encoding="utf-8") as file:
            json.dump(document, file)
        return
    for name, (columns, rows) in named.items():
        with open(f"{stem}.{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)


def now():
    """Wall time and CPU time so far in s, that of processes that have ended included."""
    return time.perf_counter(), sum(os.times()[:4])


def report(since):
    """Prints what the job took since then; the start of Python and the imports before it are not in it."""
    wall, cpu = (end - start for start, end in zip(since, now()))
    print(json.dumps({"job_s": wall, "job_cpu_s": cpu}))
