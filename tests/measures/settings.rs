//! Every setting has an effect: for each key there is a recording on which changing it changes the study.

use super::scenarios;
use endplate::recording::Recording;
use endplate::study::{self, Settings, Study};
use rayon::prelude::*;
use serde_json::{Value, json};

/// Settings whose alternatives are no small change of a number, or which show nothing but near the end of their range: the step, the key,
/// the value as JSON.
static EXAMPLES: &[(&str, &str, &str)] = &[
    ("pattern", "decrement", r#""legehandboka""#),
    ("pattern", "increment", r#""lambert-100""#),
    ("cmap.repetitive", "begins_from_ms", "11.9"),
    ("quality", "exercise_brief_shortest_s", "12.0"),
    ("quality", "linear_explained_pct", "100.0"),
    ("quality", "submaximal_correlation", "-1.0"),
    ("quality", "temperature_lowest_c", "34.0"),
    ("train.shape", "linear_r_squared_min", "1.0"),
    (
        "criteria",
        "own",
        r#"[{"id": "own", "name": "own", "verified": true, "source": {"citation": "none", "link": ""}, "rules": [
            {"id": "low", "test": "resting", "comparator": "<", "limit": 1.0, "supports": "low_amplitude"}]}]"#,
    ),
];

/// Values to try in place of a default.
fn alternatives(schema: &Value, step: &str, key: &str, default: &Value) -> Vec<Value> {
    let example = EXAMPLES
        .iter()
        .find(|example| (example.0, example.1) == (step, key));
    if let Some((_, _, text)) = example {
        return vec![serde_json::from_str(text).unwrap()];
    }
    match default {
        Value::Bool(value) => vec![json!(!value)],
        Value::Number(number) => {
            let value = number.as_f64().unwrap();
            let mut tries = vec![
                value * 0.5,
                value * 2.0,
                value * 0.1,
                value * 10.0,
                value + 1.0,
                value - 3.0,
                0.0,
            ];
            if number.is_u64() {
                tries
                    .iter_mut()
                    .for_each(|value| *value = value.round().max(0.0));
                return tries.into_iter().map(|value| json!(value as u64)).collect();
            }
            tries.into_iter().map(|value| json!(value)).collect()
        }
        Value::String(current) => names_in(schema, step, key)
            .into_iter()
            .filter(|name| name != current)
            .map(Value::String)
            .collect(),
        Value::Array(values) if !values.is_empty() && values.iter().all(Value::is_number) => {
            vec![
                json!([]),
                json!(
                    values
                        .iter()
                        .map(|value| value.as_f64().unwrap() * 0.5)
                        .collect::<Vec<_>>()
                ),
                json!([33.0]),
            ]
        }
        // Spellings of marks, or ids of criterion sets: those have one that does not exist refused.
        Value::Array(_) => vec![json!(["note*"]), json!([])],
        Value::Null => vec![json!(50.0), json!(2.0), json!(0.1)],
        Value::Object(_) => panic!("{step}.{key} is a step, not a value"),
    }
}

/// Every string constant below a key of the schema: the names of an enumeration.
fn names_in(schema: &Value, step: &str, key: &str) -> Vec<String> {
    fn collect(schema: &Value, node: &Value, names: &mut Vec<String>) {
        match node {
            Value::Object(fields) => {
                for (field, value) in fields {
                    match (field.as_str(), value) {
                        ("const", Value::String(name)) => names.push(name.clone()),
                        ("enum", Value::Array(values)) => {
                            names.extend(values.iter().filter_map(Value::as_str).map(str::to_owned))
                        }
                        ("$ref", Value::String(reference)) => {
                            let name = reference.trim_start_matches("#/$defs/");
                            collect(schema, &schema["$defs"][name], names);
                        }
                        _ => collect(schema, value, names),
                    }
                }
            }
            Value::Array(values) => values
                .iter()
                .for_each(|value| collect(schema, value, names)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    let mut node = schema;
    for name in step.split('.') {
        let reference = node["properties"][name]["$ref"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("#/$defs/");
        node = &schema["$defs"][reference];
    }
    collect(schema, &node["properties"][key], &mut names);
    names
}

/// A setting that counts only together with another one.
struct Companion {
    setting: (&'static str, &'static str),
    step: &'static str,
    key: &'static str,
    value: &'static str,
}

static COMPANIONS: &[Companion] = &[
    Companion {
        setting: ("cmap", "onset_threshold_mv"),
        step: "cmap",
        key: "onset",
        value: r#""fixed""#,
    },
    // What gets longer gets later, too.
    Companion {
        setting: ("quality", "longer_pct"),
        step: "quality",
        key: "later_ms",
        value: "1e9",
    },
    // The two differ where the window ends before the positive phase does.
    Companion {
        setting: ("cmap", "peak_to_peak_extent"),
        step: "cmap",
        key: "window_end_ms",
        value: "8.0",
    },
];

/// Settings that act only on recordings which the simulator does not make: artefacts amid others, drift near the limit.
const NOT_SIMULATED: &[&str] = &[
    "artefact_isolation_ms",
    "artefact_response_ms",
    "drift_from_uv_per_s",
];

fn analyzed(recording: &Recording, settings: &Settings) -> Option<Study> {
    let mut study = study::analyze(recording, settings).ok()?;
    study.provenance.settings.clear();
    Some(study)
}

/// Every setting: the step, with those that it is nested in, the key, and the default.
fn collect_keys<'a>(node: &'a Value, step: &str, keys: &mut Vec<(String, &'a str, &'a Value)>) {
    for (key, value) in node.as_object().unwrap() {
        if value.is_object() {
            let within = if step.is_empty() {
                key.clone()
            } else {
                format!("{step}.{key}")
            };
            collect_keys(value, &within, keys);
        } else {
            keys.push((step.to_owned(), key, value));
        }
    }
}

#[test]
fn every_setting_changes_a_study() {
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).unwrap();
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let recordings = scenarios::all();
    let before: Vec<_> = recordings
        .iter()
        .map(|recording| analyzed(recording, &Settings::default()))
        .collect();
    let mut keys = Vec::new();
    collect_keys(&defaults, "", &mut keys);
    assert!(keys.len() > 20, "only {} settings were found", keys.len());
    let without_effect: Vec<String> = keys
        .par_iter()
        .filter(|(_, key, _)| !NOT_SIMULATED.contains(key))
        .filter_map(|&(ref step, key, default)| {
            let mut base = defaults.clone();
            let companion = COMPANIONS
                .iter()
                .find(|companion| companion.setting == (step.as_str(), key));
            let with_companion = companion.map(|companion| {
                base[companion.step][companion.key] =
                    serde_json::from_str(companion.value).unwrap();
                let settings = serde_json::from_value(base.clone()).unwrap();
                recordings
                    .iter()
                    .map(|recording| analyzed(recording, &settings))
                    .collect::<Vec<_>>()
            });
            let before = with_companion.as_ref().unwrap_or(&before);
            let changes = alternatives(&schema, step, key, default)
                .into_iter()
                .any(|value| {
                    let mut changed = base.clone();
                    let step = step
                        .split('.')
                        .fold(&mut changed, |node, name| &mut node[name]);
                    step[key] = value;
                    let Ok(settings) = serde_json::from_value::<Settings>(changed) else {
                        return false;
                    };
                    // A value that is refused shows nothing of what the setting does.
                    if settings.check().is_err() {
                        return false;
                    }
                    recordings
                        .iter()
                        .zip(before)
                        .any(|(recording, before)| analyzed(recording, &settings) != *before)
                });
            (!changes).then(|| format!("{step}.{key} = {default}"))
        })
        .collect();
    assert!(
        without_effect.is_empty(),
        "settings without effect:\n{}",
        without_effect.join("\n")
    );
}

#[test]
fn a_key_that_does_not_exist_is_an_error_that_names_it() {
    let error = Settings::from_toml("[sweep]\nbefor_ms = 3").unwrap_err();
    assert!(error.to_string().contains("befor_ms"), "{error}");
}

#[test]
fn settings_survive_being_written_and_read() {
    let settings = Settings::default();
    assert_eq!(Settings::from_toml(&settings.to_toml()).unwrap(), settings);
}
