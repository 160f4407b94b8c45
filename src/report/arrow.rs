//! Tables as Arrow IPC files (Feather V2): types, nulls and metadata as Arrow has them.
//!
//! Texts are plain rather than dictionary-encoded: a dictionary must stand before the first rows and hold every word of the run, and the
//! rows of a run are not known before it ends. Nothing is compressed, so that a reader can map the file into memory.

use super::cell::{Cells, ColumnCells, Kind};
use super::table::Layout;
use super::table_metadata;
use super::tables::{Form, TableWriter};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Metadata, Schema, SchemaRef};
use std::fs::File;
use std::io::{BufWriter, Error, Result, Write};
use std::sync::Arc;

/// The form.
pub const FORM: Form = Form {
    extension: "arrow",
    begin,
};

struct ArrowFile {
    schema: SchemaRef,
    writer: FileWriter<BufWriter<File>>,
}

fn begin(layout: &Layout, file: File) -> Result<Box<dyn TableWriter>> {
    let schema = Arc::new(schema(layout));
    let writer = FileWriter::try_new_buffered(file, &schema).map_err(Error::other)?;
    Ok(Box::new(ArrowFile { schema, writer }))
}

impl TableWriter for ArrowFile {
    fn rows(&mut self, cells: &Cells) -> Result<()> {
        let arrays = cells.columns().iter().map(array).collect::<Result<_>>()?;
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(Error::other)?;
        self.writer.write(&batch).map_err(Error::other)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.writer.finish().map_err(Error::other)?;
        self.writer.get_mut().flush()
    }
}

/// The schema of a table, with all that is said about it and its columns.
pub fn schema(layout: &Layout) -> Schema {
    let fields: Vec<_> = layout
        .heads
        .iter()
        .map(|head| {
            let kind = match head.kind {
                Kind::Text => DataType::Utf8,
                Kind::Flag => DataType::Boolean,
                Kind::Count => DataType::Int64,
                Kind::Number => DataType::Float64,
            };
            let metadata = table_metadata::of_column(head);
            Field::new(&head.name, kind, true)
                .with_metadata(metadata.into_iter().collect::<Metadata>())
        })
        .collect();
    let metadata = table_metadata::of_file(layout);
    Schema::new(fields).with_metadata(metadata.into_iter().collect::<Metadata>())
}

fn array(column: &ColumnCells) -> Result<ArrayRef> {
    Ok(match column {
        ColumnCells::Text { rows, .. } => {
            let texts = (0..rows.len()).map(|row| column.text(row));
            Arc::new(texts.collect::<StringArray>())
        }
        ColumnCells::Flag(rows) => Arc::new(BooleanArray::from(rows.clone())),
        ColumnCells::Count(rows) => Arc::new(Int64Array::from(counts(rows)?)),
        ColumnCells::Number(rows) => Arc::new(Float64Array::from(rows.clone())),
    })
}

/// Counts with a sign, as every reader can subtract them.
pub fn counts(rows: &[Option<u64>]) -> Result<Vec<Option<i64>>> {
    let signed = |count: u64| i64::try_from(count).map_err(Error::other);
    rows.iter().map(|row| row.map(signed).transpose()).collect()
}
