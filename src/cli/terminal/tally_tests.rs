use super::*;
use crate::error::{Error, ErrorCode};

fn failed(tally: &mut Tally, file: &str, code: ErrorCode) {
    let error = Error::new(code, "it ends early")
        .in_file(Path::new(file))
        .advice("copy it again")
        .template("[channels]\nunit = \"mV\"");
    tally.hear(file, &Outcome::Failed(error));
}

fn lines(tally: &Tally) -> Vec<String> {
    tally.failure_lines(&Place::Tables(Path::new("results")), Width::of_stderr())
}

#[test]
fn one_failure_is_told_as_a_whole_and_of_a_few_a_line_each() {
    let mut tally = Tally::default();
    failed(&mut tally, "a.edf", ErrorCode::Truncated);
    let whole = "endplate: a.edf: it ends early — copy it again\n\n[channels]\nunit = \"mV\"";
    assert_eq!(lines(&tally), [whole]);
    failed(&mut tally, "b.edf", ErrorCode::Truncated);
    assert_eq!(
        lines(&tally),
        [
            "endplate: a.edf: it ends early — copy it again",
            "endplate: b.edf: it ends early — copy it again"
        ]
    );
}

#[test]
fn a_few_failures_are_told_in_full_where_the_screen_has_room() {
    let mut tally = Tally::default();
    for file in ["a.edf", "b.edf"] {
        failed(&mut tally, file, ErrorCode::Truncated);
    }
    let place = Place::Tables(Path::new("results"));
    let lines = tally.failure_lines(&place, Width::columns(30));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[1].ends_with("copy it again"), "{lines:?}");
    for file in ["c.edf", "d.edf", "e.edf", "f.edf", "g.edf"] {
        failed(&mut tally, file, ErrorCode::Truncated);
    }
    let lines = tally.failure_lines(&place, Width::columns(30));
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(lines[0].ends_with('…'), "{lines:?}");
}

#[test]
fn of_many_failures_the_first_of_each_kind_is_named_and_the_rest_is_counted() {
    let mut tally = Tally::default();
    for index in 0..500 {
        let file = format!("{index}.edf");
        let code = match index {
            300 => ErrorCode::UnknownUnit,
            400 => ErrorCode::Io,
            _ => ErrorCode::Truncated,
        };
        failed(&mut tally, &file, code);
    }
    let lines = lines(&tally);
    assert_eq!(lines.len(), 12);
    assert!(lines[0].starts_with("endplate: 0.edf"), "{lines:?}");
    assert!(lines[8].starts_with("endplate: 300.edf"), "{lines:?}");
    assert!(lines[9].starts_with("endplate: 400.edf"), "{lines:?}");
    assert_eq!(lines[10], "endplate: … and 490 more");
    assert_eq!(
        lines[11],
        "endplate: 498 truncated, 1 io, 1 unknown_unit; each with its reason: results/files.csv and index.html beside it"
    );
    assert!(tally.failures.len() < 15, "memory grows with the failures");
}

#[test]
fn the_numbers_stand_in_one_sentence() {
    let mut tally = Tally {
        analyzed: 30,
        unchanged: 5,
        with_findings: 4,
        skipped: 2,
        ..Tally::default()
    };
    let said = |tally: &Tally| {
        let mut out = Vec::new();
        let took = Some(Duration::from_secs(4));
        tally
            .print_numbers(took, Path::new("results"), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap().trim_end().to_owned()
    };
    assert_eq!(
        said(&tally),
        "30 files analyzed, 5 unchanged (4 with findings), 2 skipped as no recordings of their own; 4.0 s, 7.5 files/s; see results/files.csv and index.html beside it"
    );
    tally = Tally::default();
    tally.not_reached = 7;
    tally.unchanged = 1;
    assert_eq!(
        said(&tally),
        "0 files analyzed, 1 unchanged, 7 not reached (the same command goes on); 4.0 s; see results/files.csv and index.html beside it"
    );
}
