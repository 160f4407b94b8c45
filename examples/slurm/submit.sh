#!/usr/bin/env bash
# One run as an array of N jobs, then the merge:   submit.sh RECORDINGS RESULTS N
# The shares stand in RESULTS.shares/1 … N; they may go when the merge has ended.
set -euo pipefail
recordings=$1 results=$2 shares=$3
here=$(cd "$(dirname "$0")" && pwd)

array=$(sbatch --parsable --array="1-$shares" "$here/share.sbatch" "$recordings" "$results" "$shares")
# "JOB;CLUSTER" where there are several clusters.
array=${array%%;*}
sbatch --dependency="afterok:$array" --kill-on-invalid-dep=yes "$here/merge.sbatch" "$results" "$shares"
