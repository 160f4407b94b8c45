//! Tables as Parquet: a row group for each group of rows, compressed with Snappy.
//!
//! The file is written column by column with the low-level writer, which needs no Arrow. The key `ARROW:schema` holds the schema of the
//! same table as Arrow, so that readers built on Arrow give back units and meanings as metadata of the columns.

use super::arrow;
use super::cell::{Cells, ColumnCells, Kind};
use super::column::Head;
use super::table::Layout;
use super::table_metadata;
use super::tables::{Form, TableWriter};
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::fs::File;
use std::io::{Error, Result};
use std::sync::Arc;

/// The form.
pub const FORM: Form = Form {
    extension: "parquet",
    begin,
};

struct ParquetFile {
    writer: SerializedFileWriter<File>,
}

fn begin(layout: &Layout, file: File) -> Result<Box<dyn TableWriter>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(format!("endplate version {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(metadata(layout)))
        .build();
    let open = || {
        let schema = Arc::new(schema(layout)?);
        SerializedFileWriter::new(file, schema, Arc::new(properties))
    };
    let writer = open().map_err(Error::other)?;
    Ok(Box::new(ParquetFile { writer }))
}

impl TableWriter for ParquetFile {
    fn rows(&mut self, cells: &Cells) -> Result<()> {
        let mut write = || {
            let mut group = self.writer.next_row_group()?;
            for column in cells.columns() {
                let mut writer = group.next_column()?.ok_or_else(|| {
                    ParquetError::General("more columns than the schema has".to_owned())
                })?;
                column_cells(&mut writer, column)?;
                writer.close()?;
            }
            group.close().map(|_| ())
        };
        write().map_err(Error::other)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.writer.close().map(|_| ()).map_err(Error::other)
    }
}

fn column_cells(
    writer: &mut SerializedColumnWriter<'_>,
    column: &ColumnCells,
) -> ParquetResult<()> {
    match column {
        ColumnCells::Text { words, rows } => {
            let words: Vec<_> = words
                .iter()
                .map(|word| ByteArray::from(word.as_ref()))
                .collect();
            let word = |index: &u32| words.get(usize::try_from(*index).ok()?).cloned();
            present::<ByteArrayType>(writer, rows.iter().map(|row| word(row.as_ref()?)))
        }
        ColumnCells::Flag(rows) => present::<BoolType>(writer, rows.iter().copied()),
        ColumnCells::Count(rows) => {
            let counts =
                arrow::counts(rows).map_err(|cause| ParquetError::External(cause.into()))?;
            present::<Int64Type>(writer, counts.into_iter())
        }
        ColumnCells::Number(rows) => present::<DoubleType>(writer, rows.iter().copied()),
    }
}

/// Writes what is present; what is missing is null.
fn present<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    rows: impl Iterator<Item = Option<T::T>>,
) -> ParquetResult<()> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    for row in rows {
        levels.push(i16::from(row.is_some()));
        values.extend(row);
    }
    let typed = writer.typed::<T>();
    typed.write_batch(&values, Some(&levels), None).map(|_| ())
}

fn schema(layout: &Layout) -> ParquetResult<Type> {
    let columns = layout.heads.iter().map(|head| column(head).map(Arc::new));
    Type::group_type_builder(layout.name)
        .with_fields(columns.collect::<ParquetResult<_>>()?)
        .build()
}

fn column(head: &Head) -> ParquetResult<Type> {
    let (physical, logical) = match head.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Count => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
    };
    Type::primitive_type_builder(&head.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn metadata(layout: &Layout) -> Vec<KeyValue> {
    let own = table_metadata::of_file(layout).into_iter();
    own.map(|(key, value)| KeyValue::new(key.to_owned(), value))
        .chain([KeyValue::new(
            "ARROW:schema".to_owned(),
            arrow_schema(layout),
        )])
        .collect()
}

/// The schema as Arrow, as a message of its own in Base64: a continuation marker, the length, the message.
fn arrow_schema(layout: &Layout) -> String {
    const CONTINUATION: [u8; 4] = [0xff; 4];
    let message = IpcDataGenerator::default()
        .schema_to_bytes_with_dictionary_tracker(
            &arrow::schema(layout),
            &mut DictionaryTracker::new(true),
            &IpcWriteOptions::default(),
        )
        .ipc_message;
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut bytes = CONTINUATION.to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(message);
    BASE64.encode(bytes)
}
