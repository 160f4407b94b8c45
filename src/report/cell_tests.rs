use super::*;
use proptest::prelude::*;

fn of(kind: Kind, cells: impl IntoIterator<Item = Cell>) -> Cells {
    let mut made = Cells::new([kind]);
    for cell in cells {
        made.push([cell]);
    }
    made
}

/// Through JSON and back.
fn kept(cells: &Cells) -> Cells {
    serde_json::from_str(&serde_json::to_string(cells).unwrap()).unwrap()
}

#[test]
fn what_is_no_number_is_missing_rather_than_nan() {
    assert_eq!(Some(f64::NAN).cell(), Cell::Missing);
    assert_eq!(Some(f64::INFINITY).cell(), Cell::Missing);
    assert_eq!(None::<f64>.cell(), Cell::Missing);
    assert_eq!(Some(0.0).cell(), Cell::Number(0.0));
}

#[test]
fn a_word_stands_once_however_many_rows_repeat_it() {
    let text = |text: &'static str| Some(text).cell();
    let mut cells = of(
        Kind::Text,
        [text("ADM"), Cell::Missing, text("APB"), text("ADM")],
    );
    let ColumnCells::Text { words, rows } = &cells.columns()[0] else {
        panic!("it is a column of texts");
    };
    assert_eq!(
        (words.len(), rows),
        (2, &vec![Some(0), None, Some(1), Some(0)])
    );
    cells.append(&of(Kind::Text, [text("TA"), Cell::Missing]));
    let texts: Vec<_> = (0..7).map(|row| cells.columns()[0].text(row)).collect();
    assert_eq!(
        texts,
        [
            Some("ADM"),
            None,
            Some("APB"),
            Some("ADM"),
            Some("TA"),
            None,
            None
        ]
    );
}

#[test]
fn a_number_takes_eleven_bytes_and_a_missing_one_takes_one() {
    let numbers = of(
        Kind::Number,
        (1..=300).map(|n| Some(1.0 / f64::from(n)).cell()),
    );
    let text = serde_json::to_string(&numbers).unwrap();
    assert!(text.len() < 300 * 12 + 50, "{}", text.len());
    let none = of(Kind::Number, (0..300).map(|_| Cell::Missing));
    assert!(serde_json::to_string(&none).unwrap().len() < 350);
}

#[test]
fn what_was_damaged_or_made_for_other_columns_does_not_conform() {
    let cells = of(Kind::Text, [Some("ADM").cell(), Some("APB").cell()]);
    assert!(cells.conform([Kind::Text]));
    assert!(!cells.conform([Kind::Number]));
    assert!(!cells.conform([Kind::Text, Kind::Text]));
    let text = serde_json::to_string(&cells).unwrap();
    let damaged: Cells = serde_json::from_str(&text.replace("[0,1]", "[0,7]")).unwrap();
    assert!(!damaged.conform([Kind::Text]));
    let short = r#"[{"count":[1,2]},{"flag":[true]}]"#;
    let short: Cells = serde_json::from_str(short).unwrap();
    assert!(!short.conform([Kind::Count, Kind::Flag]));
    for damaged in [
        r#"[{"number":{"present":"11","bits":"AAAAAAAA8D8="}}]"#,
        r#"[{"number":{"present":"0","bits":"AAAAAAAA8D8="}}]"#,
        r#"[{"number":{"present":"2","bits":"AAAAAAAA8D8="}}]"#,
        r#"[{"number":{"present":"1","bits":"AAAAAAAA+H8="}}]"#,
        r#"[{"number":{"present":"1","bits":"AAAA"}}]"#,
    ] {
        assert!(serde_json::from_str::<Cells>(damaged).is_err(), "{damaged}");
    }
    let whole = r#"[{"number":{"present":"1","bits":"AAAAAAAA8D8="}}]"#;
    let whole: Cells = serde_json::from_str(whole).unwrap();
    assert_eq!(whole, of(Kind::Number, [Cell::Number(1.0)]));
}

fn row() -> impl Strategy<Value = [Cell; 4]> {
    let text = proptest::option::of(".{0,12}").prop_map(Value::cell);
    let flag = proptest::option::of(any::<bool>()).prop_map(Value::cell);
    let count = proptest::option::of(any::<u64>()).prop_map(Value::cell);
    // Any bits at all: those that are no number are missing.
    let number = proptest::option::of(any::<u64>().prop_map(f64::from_bits)).prop_map(Value::cell);
    (text, flag, count, number).prop_map(|(text, flag, count, number)| [text, flag, count, number])
}

proptest! {
    #[test]
    fn cells_come_back_bit_by_bit(rows in proptest::collection::vec(row(), 0..60)) {
        let kinds = [Kind::Text, Kind::Flag, Kind::Count, Kind::Number];
        let mut cells = Cells::new(kinds);
        for row in &rows {
            cells.push(row.clone());
        }
        let back = kept(&cells);
        prop_assert!(back.conform(kinds));
        let bits = |cells: &Cells| match &cells.columns()[3] {
            ColumnCells::Number(rows) => rows.iter().map(|n| n.map(f64::to_bits)).collect(),
            _ => Vec::new(),
        };
        // -0.0 equals 0.0, so the bits are compared as well.
        prop_assert_eq!(bits(&back), bits(&cells));
        let mut written = Vec::new();
        cells.write_json(&mut written);
        prop_assert_eq!(written, serde_json::to_vec(&cells).unwrap());
        prop_assert_eq!(back, cells);
    }
}
