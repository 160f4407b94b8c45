//! `endplate simulate`: studies with known truth.

use super::{Ended, output_failed};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::{self, Format};
use crate::synth::{Fault, Layout, NAMED, Plan, Profile, Protocol, StimulusRecord, simulate};
use crate::whole;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make a study with known truth
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The file to write, or with --count the folder; the truth is written beside each recording as NAME.truth.json
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// What the subject has
    #[arg(long, value_enum, default_value_t = Profile::Normal)]
    profile: Profile,
    /// What is done: standard, rest, low, high, exercise, single, or steps such as 3Hz*10,wait:30s,single,exercise:10s,after:2s,single
    #[arg(long, default_value = "standard")]
    protocol: Protocol,
    /// The muscles, one channel each: ADM, APB, nasalis, trapezius, anconeus, EDB, TA; any other name gets the shape of the ADM
    #[arg(long, value_delimiter = ',', default_value = "ADM")]
    channels: Vec<String>,
    /// Samples per second
    #[arg(long, value_name = "HZ", default_value_t = Plan::default().rate_hz)]
    rate: f64,
    /// Sweeps around stimuli, or one continuous signal with long pauses left out as gaps
    #[arg(long, value_enum, default_value_t = Layout::Sweeps)]
    layout: Layout,
    /// How the recording says when stimuli were given
    #[arg(long, value_enum, default_value_t = StimulusRecord::Marks)]
    stimuli: StimulusRecord,
    /// The format to write; without it the extension of the output decides, with --count HDF5
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// The seed: the same seed and options give the same study
    #[arg(long, default_value_t = Plan::default().seed)]
    seed: u64,
    /// Make this many studies with seeds from --seed on, in a folder
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    count: Option<u64>,
    /// What goes wrong: KIND, KIND:TRAIN, KIND:TRAIN:RESPONSE (numbers from 1) or KIND:TRAIN:RESPONSE:SIZE (1 is usual); a field may be
    /// empty; may be repeated. KIND is movement, creeping-movement, first-response, submaximal, rising-recruitment, falling-recruitment,
    /// passing-decrement, irregular-rate, missing-stimulus, missing-mark, double-stimulus, spurious-mark, inverted, saturation,
    /// gain-change, electrode-off or twitch
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    fault: Vec<Fault>,
    /// The skin temperature in the header, in °C; it changes nothing else
    #[arg(long, value_name = "°C", default_value_t = 34.0)]
    temperature: f64,
    /// The header says no skin temperature
    #[arg(long, conflicts_with = "temperature")]
    no_temperature: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    timing: Timing,
    #[command(flatten)]
    disturbance: Disturbance,
}

/// When stimuli come and what is stored.
#[derive(clap::Args)]
#[command(next_help_heading = "Timing")]
struct Timing {
    /// Length of the pulses of the trigger channel; 0 for a single sample
    #[arg(long, value_name = "MS", default_value_t = Plan::default().trigger_ms)]
    trigger_length: f64,
    /// How much earlier or later than planned a stimulus comes at most
    #[arg(long, value_name = "µs", default_value_t = Plan::default().jitter_us)]
    jitter: f64,
    /// Before each stimulus, in sweeps
    #[arg(long, value_name = "MS", default_value_t = Plan::default().sweep_before_ms)]
    sweep_before: f64,
    /// After each stimulus, in sweeps
    #[arg(long, value_name = "MS", default_value_t = Plan::default().sweep_after_ms)]
    sweep_after: f64,
    /// A longer pause is not recorded, in continuous recordings
    #[arg(long, value_name = "S", default_value_t = Plan::default().longest_pause_s)]
    longest_pause: f64,
}

/// What disturbs the signal and how it is stored.
#[derive(clap::Args)]
#[command(next_help_heading = "Disturbances and converter")]
struct Disturbance {
    /// RMS of white noise in a band of 10 kHz
    #[arg(long, value_name = "µV", default_value_t = Plan::default().noise_uv)]
    noise: f64,
    /// RMS of additional noise below 200 Hz
    #[arg(long, value_name = "µV", default_value_t = Plan::default().coloured_noise_uv)]
    coloured_noise: f64,
    /// RMS of the mains with its odd harmonics
    #[arg(long, value_name = "µV", default_value_t = Plan::default().mains_uv)]
    mains: f64,
    /// Frequency of the mains
    #[arg(long, value_name = "HZ", default_value_t = Plan::default().mains_hz)]
    mains_frequency: f64,
    /// RMS of the slow drift of the baseline
    #[arg(long, value_name = "µV", default_value_t = Plan::default().drift_uv)]
    drift: f64,
    /// RMS of the interference pattern of exercise, in continuous recordings
    #[arg(long, value_name = "µV", default_value_t = Plan::default().exercise_emg_uv)]
    exercise_emg: f64,
    /// Height of the pulse of the stimulus artefact
    #[arg(long, value_name = "MV", default_value_t = Plan::default().artefact_mv, allow_negative_numbers = true)]
    artefact: f64,
    /// Length of the stimulus pulse
    #[arg(long, value_name = "MS", default_value_t = Plan::default().pulse_ms)]
    pulse: f64,
    /// Height of the artefact's exponential tail at the end of the pulse
    #[arg(long, value_name = "MV", default_value_t = Plan::default().artefact_tail_mv, allow_negative_numbers = true)]
    tail: f64,
    /// Time constant of the tail
    #[arg(long, value_name = "MS", default_value_t = Plan::default().artefact_tail_ms)]
    tail_constant: f64,
    /// The artefact changes its polarity from stimulus to stimulus
    #[arg(long)]
    alternating_artefact: bool,
    /// One step of the converter
    #[arg(long, value_name = "µV", default_value_t = Plan::default().step_uv)]
    step: f64,
    /// Bits of the converter, 8 to 24
    #[arg(long, default_value_t = Plan::default().bits)]
    bits: u32,
}

const AFTER_HELP: &str = "\
Examples:
  endplate simulate --profile lems -o lems.h5
  endplate simulate --profile mg --channels ADM,nasalis --layout continuous --stimuli trigger -o mg.h5
  endplate simulate --profile normal --protocol low --fault movement:2:5 --mains 30 -o moved.edf
  endplate simulate --profile mg -n 100 --format edf -o folder/

The model, its parameters and their sources: docs/methods/simulation.md. Steps of a protocol: 3Hz*10, single, exercise:10s, wait:30s,
after:1min (after the end of the last exercise).";

/// Makes the studies and says what was written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    // Many studies go into a folder, whose name says nothing.
    let id = args.format.as_deref().or(args.count.map(|_| "hdf5"));
    let format = formats::writable(id, &args.output, "--format")?;
    let plan = plan(args, args.seed);
    plan.check()?;
    let Some(count) = args.count else {
        write_study(&plan, &args.output, format, args.force)?;
        writeln!(out, "{}", summary(&plan, &args.output)).map_err(output_failed)?;
        return Ok(Ended::Well);
    };
    std::fs::create_dir_all(&args.output)
        .map_err(|cause| Error::unwritten(&args.output, &cause))?;
    let extension = format.extensions.first().copied().unwrap_or(format.id);
    for seed in (args.seed..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let name = format!("{}-{seed:05}.{extension}", args.profile.id());
        let path = args.output.join(name);
        let plan = Plan {
            seed,
            ..plan.clone()
        };
        write_study(&plan, &path, format, args.force)?;
    }
    writeln!(
        out,
        "{}: {count} studies, seeds from {}, profile {}, {} each",
        args.output.display(),
        args.seed,
        args.profile.id(),
        plan.protocol
    )
    .map_err(output_failed)?;
    Ok(Ended::Well)
}

fn plan(args: &Args, seed: u64) -> Plan {
    let Timing {
        trigger_length,
        jitter,
        sweep_before,
        sweep_after,
        longest_pause,
    } = args.timing;
    let disturbance = &args.disturbance;
    Plan {
        profile: args.profile,
        protocol: args.protocol.clone(),
        muscles: args
            .channels
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        rate_hz: args.rate,
        layout: args.layout,
        stimuli: args.stimuli,
        trigger_ms: trigger_length,
        jitter_us: jitter,
        sweep_before_ms: sweep_before,
        sweep_after_ms: sweep_after,
        longest_pause_s: longest_pause,
        exercise_emg_uv: disturbance.exercise_emg,
        artefact_mv: disturbance.artefact,
        pulse_ms: disturbance.pulse,
        artefact_tail_mv: disturbance.tail,
        artefact_tail_ms: disturbance.tail_constant,
        artefact_alternates: disturbance.alternating_artefact,
        mains_hz: disturbance.mains_frequency,
        mains_uv: disturbance.mains,
        drift_uv: disturbance.drift,
        noise_uv: disturbance.noise,
        coloured_noise_uv: disturbance.coloured_noise,
        step_uv: disturbance.step,
        bits: disturbance.bits,
        skin_temperature_c: (!args.no_temperature).then_some(args.temperature),
        faults: args.fault.clone(),
        seed,
    }
}

fn write_study(plan: &Plan, path: &Path, format: &Format, force: bool) -> Result<()> {
    let truth_path = path.with_extension("truth.json");
    for path in [path, &truth_path] {
        if path.exists() && !force {
            return Err(Error::new(ErrorCode::Output, "the file exists already")
                .in_file(path)
                .advice("use --force to replace it"));
        }
    }
    let simulated = simulate(plan);
    if let Some(fault) = simulated
        .truth
        .faults
        .iter()
        .find(|fault| fault.train.is_none())
    {
        let names: Vec<_> = NAMED.iter().map(|named| named.name).collect();
        return Err(Error::new(
            ErrorCode::Usage,
            format!("the protocol has no train or response for {}", fault.asked),
        )
        .at("fault")
        .advice(format!(
            "the protocol is {}; others are {}",
            plan.protocol,
            names.join(", ")
        )));
    }
    formats::write(&simulated.recording, path, format.id)?;
    let text = serde_json::to_string_pretty(&simulated.truth)
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    whole::write(&truth_path, (text + "\n").as_bytes())
}

fn summary(plan: &Plan, path: &Path) -> String {
    format!(
        "{}: {}, seed {}, {}, {} at {} Hz; truth in {}",
        path.display(),
        plan.profile.id(),
        plan.seed,
        plan.protocol,
        plan.muscles.join(", "),
        plan.rate_hz,
        path.with_extension("truth.json").display()
    )
}
