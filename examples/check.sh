#!/usr/bin/env bash
# Runs the examples and holds what they make against one run over everything:   check.sh ENDPLATE FOLDER
# ENDPLATE is the program, FOLDER where Snakemake is installed once. What a machine cannot run is told and no failure: Snakemake without a registry
# of Python packages, Nextflow where it is not installed. Of Slurm the scripts are run by a stand-in that knows arrays and their order, no cluster.
set -euo pipefail
endplate=$(realpath "$1")
mkdir -p "$2"
venv=$(realpath "$2")
examples=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir bin recordings
ln -s "$endplate" bin/endplate
export PATH="$work/bin:$PATH" XDG_CACHE_HOME="$work/cache"

endplate simulate --profile mg --protocol '3Hz*5' --channels ADM -n 6 -o recordings
echo "no recording" >recordings/letter.txt
head -c 2000 recordings/mg-00002.h5 >recordings/cut.h5
# 1: a recording failed, the one that was cut.
endplate analyze recordings -o whole --to json,svg --quiet 2>/dev/null || [ $? -eq 1 ]

# The results have to be those of one run, whatever made them.
same() {
  diff -r whole "$2"
  echo "examples: $1 makes the results of one run"
}

cat >bin/sbatch <<'STANDIN'
#!/usr/bin/env bash
set -euo pipefail
tasks=
while [[ $1 == --* ]]; do
  [[ $1 == --array=1-* ]] && tasks=${1#--array=1-}
  shift
done
export SLURM_CPUS_PER_TASK=1
if [[ -z $tasks ]]; then
  bash "$@" >&2
else
  for ((task = 1; task <= tasks; task++)); do
    SLURM_ARRAY_TASK_ID=$task bash "$@" >&2
  done
fi
echo 1
STANDIN
chmod +x bin/sbatch
"$examples/slurm/submit.sh" recordings slurm 3 >slurm.log 2>&1 || { cat slurm.log; exit 1; }
same "Slurm (a stand-in)" slurm

snakemake=$venv/bin/snakemake
if ! "$snakemake" --version >/dev/null 2>&1; then
  { python3 -m venv --clear "$venv" && timeout 900 "$venv/bin/pip" install -q -r "$examples/snakemake/requirements.txt"; } >pip.log 2>&1 || tail -3 pip.log >&2
fi
if "$snakemake" --version >/dev/null 2>&1; then
  run() { "$snakemake" -s "$examples/snakemake/Snakefile" --cores 2 --config recordings=recordings results=snakemake shares=3 >snakemake.log 2>&1; }
  run || { cat snakemake.log; exit 1; }
  same "Snakemake $("$snakemake" --version)" snakemake
  run && grep -q "Nothing to be done" snakemake.log || { cat snakemake.log; exit 1; }
else
  echo "WARNING: Snakemake is not here and could not be installed; its example was NOT run" >&2
fi

if command -v nextflow >/dev/null; then
  mkdir nextflow
  nextflow -q run "$examples/nextflow/main.nf" --recordings recordings --outdir nextflow --shares 3 >nextflow.log 2>&1 || { cat nextflow.log; exit 1; }
  same Nextflow nextflow/results
else
  echo "WARNING: Nextflow is not here; its example was NOT run" >&2
fi
