"""The large EDF+ file with MNE: load, 3 Hz–3 kHz zero-phase, epochs with baseline, tables.

Usage: large_mne.py FILE.edf -o RESULTS [--no-filter]
"""

import argparse
import pathlib

import mne
import mne.filter

import measure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--filter", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    since = measure.now()
    mne.set_log_level("ERROR")
    raw = mne.io.read_raw_edf(args.file, preload=args.filter)
    if args.filter:
        raw.filter(*measure.BAND_HZ, method="iir", iir_params={"order": measure.ORDER, "ftype": "butter", "output": "sos"}, phase="zero")
    events, _ = mne.events_from_annotations(raw, event_id={"stimulus": 1})
    baseline = tuple(ms / 1000 for ms in measure.BASELINE_MS)
    epochs = mne.Epochs(raw, events, tmin=-measure.BEFORE_MS / 1000, tmax=measure.AFTER_MS / 1000, baseline=baseline, preload=True)
    data = epochs.get_data(copy=False)
    rate = raw.info["sfreq"]
    stimuli = events[:, 0] / rate
    before = measure.samples(measure.BEFORE_MS, rate)
    # MNE holds volts.
    channels = [(label, stimuli, measure.measure(data[:, i], rate, before, 1000.0, baseline=False)) for i, label in enumerate(raw.ch_names)]
    args.output.mkdir(parents=True, exist_ok=True)
    measure.write(args.output / args.file.name, channels)
    measure.report(since)


if __name__ == "__main__":
    main()
