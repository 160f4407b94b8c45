//! Parquet and Arrow hold what the CSV and the JSON hold: typed, with units, null where nothing was measured, and not rounded.

use crate::report::made;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::convert::try_schema_from_ipc_buffer;
use arrow_ipc::reader::FileReader;
use arrow_schema::{DataType, Schema};
use base64::Engine as _;
use endplate::report::{self, Columns, FileRow, OUTPUTS, Output, StudyRows, TABLES, Tables};
use endplate::study::{Settings, Study};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

fn outputs(ids: &[&str]) -> Vec<&'static Output> {
    let wanted = |output: &&&Output| ids.contains(&output.id);
    OUTPUTS.iter().filter(wanted).copied().collect()
}

fn write(folder: &Path, ids: &[&str], studies: &[(&str, Study)]) {
    let columns = Columns::of(&Settings::default());
    let mut tables = Tables::create(folder, &columns, &outputs(ids)).unwrap();
    for (name, study) in studies {
        tables
            .append(&StudyRows::of(study, name, &columns))
            .unwrap();
        let row = FileRow::analyzed(name, study);
        tables.append_file(&columns.file_cells(&row)).unwrap();
    }
    tables.finish().unwrap();
}

fn studies() -> Vec<(&'static str, Study)> {
    made::all().into_iter().chain(made::simulated()).collect()
}

fn csv(folder: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(folder.join(format!("{name}.csv"))).unwrap();
    let names = reader.headers().unwrap().iter().map(str::to_owned);
    let names = names.collect();
    let rows = reader.records().map(|row| row.unwrap());
    let rows = rows.map(|row| row.iter().map(str::to_owned).collect());
    (names, rows.collect())
}

fn parquet(folder: &Path, name: &str) -> SerializedFileReader<File> {
    let file = File::open(folder.join(format!("{name}.parquet"))).unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// The rows of a Parquet file, cell by cell.
fn rows(reader: &SerializedFileReader<File>) -> Vec<Vec<Field>> {
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| {
        let row = row.unwrap();
        row.get_column_iter()
            .map(|(_, field)| field.clone())
            .collect()
    })
    .collect()
}

fn arrow(folder: &Path, name: &str) -> (Schema, Vec<RecordBatch>) {
    let file = File::open(folder.join(format!("{name}.arrow"))).unwrap();
    let reader = FileReader::try_new(file, None).unwrap();
    let schema = reader.schema().as_ref().clone();
    (schema, reader.map(|batch| batch.unwrap()).collect())
}

/// Whether the text of the CSV is the number rounded as its page says: 7 digits, 7 decimals of a time in seconds.
fn is_rounded(text: &str, number: f64, name: &str) -> bool {
    let written: f64 = text.parse().unwrap();
    let step = match name.ends_with("_s") {
        true => 1e-7,
        false => 10_f64.powf(number.abs().log10().floor() - 6.0).max(2e-12),
    };
    (written - number).abs() <= 0.500_001 * step
}

#[test]
fn every_cell_is_that_of_the_csv_with_its_type_and_null_where_the_csv_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["parquet", "arrow"], &studies());
    let (mut nulls, mut finer) = (0, 0);
    for (table, _) in TABLES {
        let (names, lines) = csv(folder.path(), table);
        let reader = parquet(folder.path(), table);
        let schema = reader.metadata().file_metadata().schema_descr().clone();
        let columns: Vec<_> = schema.columns().iter().map(|c| c.name()).collect();
        assert_eq!(columns, names, "{table}");
        let rows = rows(&reader);
        assert_eq!(rows.len(), lines.len(), "{table}");
        for (line, row) in lines.iter().zip(&rows) {
            for ((text, field), name) in line.iter().zip(row).zip(&names) {
                match field {
                    Field::Null => assert_eq!(text, "", "{table} {name}"),
                    Field::Str(value) => assert_eq!(text.trim_start_matches('\''), value),
                    Field::Bool(value) => assert_eq!(text, if *value { "yes" } else { "no" }),
                    Field::Long(value) => assert_eq!(*text, value.to_string(), "{table} {name}"),
                    Field::Double(value) => {
                        assert!(value.is_finite());
                        assert!(
                            is_rounded(text, *value, name),
                            "{table} {name} {text} {value}"
                        );
                        finer += usize::from(text.parse() != Ok(*value));
                    }
                    other => panic!("{table} {name}: {other:?}"),
                }
                nulls += usize::from(matches!(field, Field::Null));
            }
        }
    }
    assert!(nulls > 1000, "{nulls}");
    assert!(
        finer > 1000,
        "the numbers are not those of the CSV: {finer}"
    );
}

#[test]
fn arrow_holds_the_same_bits_as_parquet() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["parquet", "arrow"], &studies());
    for (table, _) in TABLES {
        let rows = rows(&parquet(folder.path(), table));
        let (schema, batches) = arrow(folder.path(), table);
        let mut number = 0;
        for batch in &batches {
            for row in 0..batch.num_rows() {
                for (place, column) in batch.columns().iter().enumerate() {
                    let name = schema.field(place).name();
                    let same = match (&rows[number][place], column.data_type()) {
                        (Field::Null, _) => column.is_null(row),
                        (Field::Str(text), DataType::Utf8) => {
                            column.as_string::<i32>().value(row) == text
                        }
                        (Field::Bool(flag), DataType::Boolean) => {
                            column.as_boolean().value(row) == *flag
                        }
                        (Field::Long(count), DataType::Int64) => {
                            column.as_primitive::<Int64Type>().value(row) == *count
                        }
                        (Field::Double(n), DataType::Float64) => {
                            column.as_primitive::<Float64Type>().value(row).to_bits() == n.to_bits()
                        }
                        _ => false,
                    };
                    assert!(same, "{table} {name} row {number}");
                }
                number += 1;
            }
        }
        assert_eq!(number, rows.len(), "{table}");
    }
}

#[test]
fn a_column_tells_its_unit_its_meaning_and_its_source() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["parquet", "arrow"], &studies()[..1]);
    let (schema, _) = arrow(folder.path(), "trains");
    let field = schema.field_with_name("first_area_mv_ms").unwrap();
    assert_eq!(field.metadata()["unit"], "mV·ms");
    assert!(field.metadata()["meaning"].starts_with("first response"));
    let field = schema.field_with_name("decrement_1_4_pct").unwrap();
    assert_eq!(field.metadata()["unit"], "%");
    assert!(field.metadata()["source"].contains("Muscle Nerve 2001"));
    let field = schema.field_with_name("train").unwrap();
    assert!(
        !field.metadata().contains_key("unit"),
        "a number of order has no unit"
    );
    assert_eq!(
        schema.field_with_name("believed").unwrap().data_type(),
        &DataType::Boolean
    );
    for field in schema.fields() {
        assert!(!field.metadata()["meaning"].is_empty(), "{}", field.name());
    }
}

#[test]
fn a_file_tells_its_version_its_settings_and_its_columns_to_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["parquet", "arrow"], &studies()[..1]);
    for (table, _) in TABLES {
        let reader = parquet(folder.path(), table);
        let pairs = reader.metadata().file_metadata().key_value_metadata();
        let pairs: BTreeMap<_, _> = pairs
            .unwrap()
            .iter()
            .map(|pair| (pair.key.as_str(), pair.value.clone().unwrap()))
            .collect();
        let settings = Settings::default().to_toml();
        let hash = format!("{:x}", Sha256::digest(&settings));
        assert_eq!(pairs["endplate.table"], table);
        assert_eq!(pairs["endplate.version"], env!("CARGO_PKG_VERSION"));
        let version = report::TABLES_VERSION.to_string();
        assert_eq!(pairs["endplate.tables_version"], version);
        assert_eq!(pairs["endplate.settings"], settings);
        assert_eq!(pairs["endplate.settings_sha256"], hash);
        // What readers built on Arrow take from Parquet is the schema of the Arrow file, metadata included.
        let bytes = base64::engine::general_purpose::STANDARD;
        let bytes = bytes.decode(&pairs["ARROW:schema"]).unwrap();
        let (schema, _) = arrow(folder.path(), table);
        assert_eq!(try_schema_from_ipc_buffer(&bytes).unwrap(), schema);
        for (key, value) in pairs.iter().filter(|(key, _)| key.starts_with("endplate.")) {
            assert_eq!(schema.metadata()[*key], *value);
        }
        // What other readers take is the same as JSON.
        let columns: Vec<serde_json::Value> =
            serde_json::from_str(&pairs["endplate.columns"]).unwrap();
        assert_eq!(columns.len(), schema.fields().len());
        for (column, field) in columns.iter().zip(schema.fields()) {
            assert_eq!(column["name"], **field.name());
            for key in ["unit", "meaning", "source"] {
                let said = field.metadata().get(key).map(|text| &**text);
                assert_eq!(column[key].as_str(), said, "{key} of {}", field.name());
            }
        }
    }
}

#[test]
fn the_numbers_of_the_json_are_those_of_parquet_rounded() {
    let folder = tempfile::tempdir().unwrap();
    let studies = studies();
    write(folder.path(), &["parquet"], &studies);
    let reader = parquet(folder.path(), "trains");
    let schema = reader.metadata().file_metadata().schema_descr().clone();
    let place = |name: &str| {
        schema
            .columns()
            .iter()
            .position(|c| c.name() == name)
            .unwrap()
    };
    let rows = rows(&reader);
    let mut rows = rows.iter();
    let mut values = 0;
    for (name, study) in &studies {
        let json: serde_json::Value =
            serde_json::from_slice(&report::to_json(study, name).unwrap()).unwrap();
        for channel in json["channels"].as_array().unwrap() {
            for train in channel["trains"].as_array().unwrap() {
                let row = rows.next().unwrap();
                for change in train["changes"].as_array().unwrap() {
                    let measure = change["measure"].as_str().unwrap();
                    let base = change["convention"].as_str().unwrap();
                    let base = match measure {
                        "amplitude" => base.to_owned(),
                        _ => format!("{measure}_{base}"),
                    };
                    for (key, part) in [("value", ""), ("low", "_low"), ("high", "_high")] {
                        match (&change[key], &row[place(&format!("{base}{part}_pct"))]) {
                            (serde_json::Value::Null, Field::Null) => {}
                            (json, Field::Double(number)) => {
                                assert!(
                                    is_rounded(&json.to_string(), *number, "_pct"),
                                    "{json} {number}"
                                );
                                values += 1;
                            }
                            (json, field) => panic!("{name} {base}{part}: {json}, {field:?}"),
                        }
                    }
                }
            }
        }
    }
    assert!(rows.next().is_none() && values > 500, "{values}");
}

#[test]
fn the_same_studies_give_the_same_files() {
    let bytes = || {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["parquet", "arrow"], &studies());
        let files = TABLES.iter().flat_map(|(name, _)| {
            ["parquet", "arrow"].map(|extension| folder.path().join(format!("{name}.{extension}")))
        });
        files
            .map(|path| std::fs::read(path).unwrap())
            .collect::<Vec<_>>()
    };
    assert!(bytes() == bytes());
}
