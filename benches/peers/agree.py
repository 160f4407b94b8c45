"""Whether two programs measured the same: the largest differences of amplitude, area, onset and decrement.

Usage: agree.py A B

A and B are tables of responses, of a peer (`STEM.responses.csv`) or of endplate (`responses.csv`, of one file or with --file NAME).
Rows are matched by channel, train and response. Printed are median and largest absolute difference; amplitude and area in % of A.
"""

import argparse
import csv
import json
import pathlib
import statistics

COLUMNS = {"amplitude_mv": "%", "area_mv_ms": "%", "onset_ms": "ms"}


def rows(path, name=None):
    with open(path, encoding="utf-8", newline="") as file:
        return {
            (row["label"], row["train"], row["response"]): row
            for row in csv.DictReader(file)
            if name is None or row.get("file", name) == name
        }


def number(row, column):
    return float(row[column]) if row[column] else float("nan")


def differences(one, other):
    """By column: [median, largest] of the absolute differences, and how many responses have a value in one table only."""
    if one.keys() != other.keys():
        raise SystemExit(f"not the same responses: {len(one)} and {len(other)}, {len(one.keys() & other.keys())} in both")
    result = {}
    for column, unit in COLUMNS.items():
        pairs = [(number(one[key], column), number(other[key], column)) for key in one]
        both = [(a, b) for a, b in pairs if a == a and b == b]
        apart = [abs(a - b) / (abs(a) / 100 if unit == "%" else 1) for a, b in both]
        result[f"{column}, {unit}"] = [statistics.median(apart), max(apart)]
        result[f"{column}, in one only"] = sum((a == a) != (b == b) for a, b in pairs)
    falls = []
    for label, train, response in one:
        fourth = (label, train, "4")
        if response == "1" and fourth in one:
            a, b = (100 * (1 - number(own[fourth], "amplitude_mv") / number(own[label, train, "1"], "amplitude_mv")) for own in (one, other))
            falls.append(abs(a - b))
    result["decrement 1→4, points"] = [statistics.median(falls), max(falls)]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("a", type=pathlib.Path)
    parser.add_argument("b", type=pathlib.Path)
    parser.add_argument("--file", help="the file, where a table of endplate holds several")
    args = parser.parse_args()
    print(json.dumps(differences(rows(args.a, args.file), rows(args.b, args.file)), ensure_ascii=False))


if __name__ == "__main__":
    main()
