// One run as tasks, then the merge:
//   nextflow run examples/nextflow/main.nf --recordings recordings --outdir . --shares 4

params.recordings = 'recordings'
// Where the folder `results` comes to stand.
params.outdir = '.'
params.shares = 4
params.options = '--to json,svg'

process SHARE {
    tag "${number}/${params.shares}"
    cpus 1
    memory '1 GB'

    input:
    val number
    // A link to the folder, of the same name in every task: the paths in the tables begin with it.
    path recordings

    output:
    path "${number}"

    script:
    // 1: some recording failed. The share is whole and says which; the merge says it again.
    """
    endplate analyze '${recordings}' -o ${number} --shard ${number}/${params.shares} \\
        ${params.options} --threads ${task.cpus} --quiet || [ \$? -eq 1 ]
    """
}

process MERGE {
    cpus 2
    memory '1 GB'
    publishDir params.outdir, mode: 'copy', overwrite: true

    input:
    path shares

    output:
    path 'results'

    script:
    // 1: some recording failed; it is named in the log of the task and in files.csv.
    """
    endplate merge ${shares} -o results --threads ${task.cpus} || [ \$? -eq 1 ]
    """
}

workflow {
    recordings = file(params.recordings, type: 'dir', checkIfExists: true)
    SHARE(channel.of(1..params.shares), recordings)
    MERGE(SHARE.out.collect())
}
