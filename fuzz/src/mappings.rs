//! What the files of a corpus do not say about themselves, so that the readers go beyond their first question.

use endplate::formats::Mapping;
use std::sync::OnceLock;

const HDF5: &[&str] = &[
    "muscle = 'APB'\n[[channels]]\ndataset = '/emg/apb'\nrate_from = '@fs'\nunit = 'uV'\ngain = 0.5\nrails = [-32768, 32767]\n\
     [[channels]]\ndataset = '/emg/trig'\nrole = 'trigger'\nrate_hz = 20000\n[[marks]]\ntimes = '/events/ms'\ntime_unit = 'ms'\ntexts = '/events/what'",
    "rate_hz = 10000\nunit = 'mV'\n[[channels]]\ndataset = '/data'\nsample_axis = 1\nindex = 0\n[[marks]]\ntimes = '/stim'\ntime_unit = 'sample'\ntext = 'stimulus'",
    "rate_hz = 20000\nunit = 'mV'\nstimulus_ms = 2.5\n[[channels]]\ndataset = 'sweeps'\nsample_axis = 0\nsweep_starts = '/sweep_times'",
    "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'emg'",
    "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'gzip'\n[[marks]]\ntimes = '/grows'\ntime_unit = 'ms'\ntexts = '/texts'",
    "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'offset'",
    "unit = 'mV'\n[[channels]]\ndataset = 'packed'\nrate_from = '/emg@fs'",
    "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'through'",
];

const MATLAB: &[&str] = &[
    "rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\n[[channels]]\nvariable = 'emg.sweeps'\nsample_axis = 0",
    "rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\n[[channels]]\nvariable = 'cube'\nsample_axis = 0\nindex_axis = 1\nindex = 1",
    "unit = 'mV'\n[[channels]]\nvariable = 'emg.values'\nrate_from = 'fs'",
    "rate_hz = 1000\nunit = 'mV'\n[[channels]]\nvariable = 'x'",
];

const CSV: &[&str] = &[
    "rate_hz = 1000\nunit = 'mV'\ntext.layout = 'channels'",
    "rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\nstimulus_ms = 1\ntext.layout = 'sweeps'",
    "unit = 'mV'\ntext.layout = 'long'\ntext.time_column = '1'\ntext.value_column = '2'\ntext.sweep_column = '3'",
    "rate_hz = 3200\nunit = 'mV'\nstimulus_ms = 1\ntext.layout = 'sweeps'\ntext.decimal_comma = true\ntext.first_row_is_per_sweep = true",
];

/// For every other format.
const GENERAL: &[&str] = &["rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\nstimulus_ms = 1"];

/// The mappings for a format; the first one is empty.
pub fn of(format: Option<&str>) -> Vec<Mapping> {
    static KNOWN: OnceLock<Vec<Mapping>> = OnceLock::new();
    KNOWN
        .get_or_init(|| {
            super::parsed(match format {
                Some("hdf5") => HDF5,
                Some("matlab") => MATLAB,
                Some("csv") => CSV,
                _ => GENERAL,
            })
        })
        .clone()
}
