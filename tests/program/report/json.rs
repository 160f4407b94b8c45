//! The JSON of a study conforms to its schema, and says everything.

use super::made;
use endplate::report;
use endplate::sidecar::{self, Reading};
use endplate::study::{self, Settings};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The keywords of JSON Schema that `violations` holds a value to.
const CHECKED: &[&str] = &[
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "enum",
    "items",
    "maxItems",
    "minItems",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// Keywords that ask nothing of a value.
const SAID: &[&str] = &[
    "$defs",
    "$id",
    "$schema",
    "default",
    "description",
    "format",
    "title",
    "version",
];

/// What of a value does not conform to a schema.
fn violations(schema: &Value, root: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference leads somewhere");
        violations(target, root, value, at, found);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            let fits = choices.iter().filter(|choice| {
                let mut none = Vec::new();
                violations(choice, root, value, at, &mut none);
                none.is_empty()
            });
            match fits.count() {
                1 => {}
                0 => found.push(format!("{at}: fits none of {key}")),
                _ if key == "anyOf" => {}
                several => found.push(format!("{at}: fits {several} of {key}")),
            }
        }
    }
    if let Some(types) = schema.get("type") {
        let types: Vec<&str> = match types {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        let fits = types.iter().any(|name| match *name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            other => panic!("unknown type {other}"),
        });
        if !fits {
            found.push(format!("{at}: {value} is not {types:?}"));
        }
    }
    let constant = schema
        .get("const")
        .is_some_and(|constant| constant != value);
    let choice = schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|choices| !choices.contains(value));
    if constant || choice {
        found.push(format!("{at}: {value} is not allowed"));
    }
    if let Some(object) = value.as_object() {
        for key in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if !object.contains_key(key.as_str().unwrap()) {
                found.push(format!("{at}: {key} is missing"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (key, content) in object {
            let known = properties.and_then(|properties| properties.get(key));
            match known.or_else(|| schema.get("additionalProperties")) {
                Some(Value::Bool(false)) => found.push(format!("{at}: {key} is unknown")),
                Some(inner) => {
                    violations(inner, root, content, &format!("{at}/{key}"), found);
                }
                None => {}
            }
        }
    }
    let minimum = schema.get("minimum").and_then(Value::as_f64);
    if minimum
        .zip(value.as_f64())
        .is_some_and(|(least, n)| n < least)
    {
        found.push(format!("{at}: {value} is too small"));
    }
    if let Some(length) = value.as_array().map(|array| array.len() as u64) {
        let bound = |key| schema.get(key).and_then(Value::as_u64);
        if bound("minItems").is_some_and(|least| length < least)
            || bound("maxItems").is_some_and(|most| length > most)
        {
            found.push(format!("{at}: {length} items"));
        }
    }
    if let (Some(items), Some(array)) = (schema.get("items"), value.as_array()) {
        for (index, item) in array.iter().enumerate() {
            violations(items, root, item, &format!("{at}/{index}"), found);
        }
    }
}

fn parsed(name: &str) -> Value {
    let (_, study) = made::all()
        .into_iter()
        .find(|(other, _)| *other == name)
        .unwrap();
    serde_json::from_slice(&report::to_json(&study, name).unwrap()).unwrap()
}

#[test]
fn every_study_conforms_to_the_schema() {
    let schema = report::study_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        let mut found = Vec::new();
        let json = report::to_json(&study, name).unwrap();
        let json = serde_json::from_slice(&json).unwrap();
        violations(&schema, &schema, &json, name, &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }
}

/// The keywords of a schema and of all schemas in it.
fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    for (key, inner) in schema.as_object().into_iter().flatten() {
        found.insert(key.clone());
        match (key.as_str(), inner) {
            ("properties" | "$defs", Value::Object(named)) => {
                named.values().for_each(|schema| keywords(schema, found));
            }
            ("default" | "const" | "enum" | "required", _) => {}
            (_, Value::Array(schemas)) => {
                schemas.iter().for_each(|schema| keywords(schema, found));
            }
            _ => keywords(inner, found),
        }
    }
}

#[test]
fn the_check_knows_every_keyword_of_the_schema() {
    let mut found = BTreeSet::new();
    keywords(&report::study_schema(), &mut found);
    let known = |keyword: &&String| [CHECKED, SAID].concat().contains(&keyword.as_str());
    let unknown: Vec<_> = found.iter().filter(|keyword| !known(keyword)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_recording_of_the_fixtures_conforms_to_the_schema() {
    let schema = report::study_schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    let mut studies = 0;
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let Ok(recording) = sidecar::open(&path, &Reading::default()) else {
            continue;
        };
        let study = study::analyze(&recording, &Settings::default()).unwrap();
        let json = report::to_json(&study, "x").unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        let mut found = Vec::new();
        violations(&schema, &schema, &json, "", &mut found);
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
        studies += 1;
    }
    assert!(studies >= 9, "{studies}");
}

#[test]
fn a_study_names_the_schema_that_it_conforms_to() {
    let schema = report::study_schema();
    let study = parsed("decrement");
    assert_eq!(schema["$id"], report::SCHEMA_ID);
    assert_eq!(study["schema"], report::SCHEMA_ID);
    assert_eq!(study["schema_version"], report::SCHEMA_VERSION);
    assert_eq!(schema["version"], report::SCHEMA_VERSION);
    assert!(report::SCHEMA_ID.ends_with(&format!(":{}", report::SCHEMA_VERSION)));
    // A study of another version does not conform.
    for (key, other) in [
        ("schema", Value::from("urn:endplate:study:0")),
        ("schema_version", Value::from(0)),
    ] {
        let mut study = study.clone();
        study[key] = other;
        let mut found = Vec::new();
        violations(&schema, &schema, &study, "", &mut found);
        assert_eq!(found.len(), 1, "{found:#?}");
    }
}

#[test]
fn the_check_of_the_schema_notices_a_wrong_type_and_a_missing_key() {
    let schema = report::study_schema();
    let mut study = parsed("decrement");
    study["channels"][0]["label"] = Value::from(3);
    study["origin"].as_object_mut().unwrap().remove("sha256");
    let mut found = Vec::new();
    violations(&schema, &schema, &study, "", &mut found);
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_missing_value_is_null_with_a_reason() {
    let study = parsed("gaps");
    let values = study["channels"][0]["responses"][5]["values"]
        .as_array()
        .unwrap();
    for value in values {
        assert!(value["value"].is_null() && value["low"].is_null());
        assert_eq!(value["reason"], "no_response");
    }
    let change = &parsed("no-first")["channels"][0]["trains"][0]["changes"][0];
    assert_eq!(change["detail"], "response 4");
}

#[test]
fn a_study_tells_what_made_it_and_holds_no_samples() {
    let study = parsed("decrement");
    assert_eq!(
        study["provenance"]["endplate_version"],
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        study["provenance"]["settings"]["train"]["decrement_limits_pct"][0],
        10.0
    );
    assert_eq!(study["origin"]["sha256"], "00".repeat(32));
    assert!(study.to_string().len() < 60_000);
    let change = &study["channels"][0]["trains"][0]["changes"][0];
    assert_eq!(change["probabilities"][0]["limit_pct"], 10.0);
    assert_eq!(
        study["channels"][0]["findings"].as_array().unwrap().len(),
        0
    );
    assert_eq!(study["findings"][0]["code"], "temperature_unknown");
}
