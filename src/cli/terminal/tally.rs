//! What is told of a run at its end, on one screen: what failed and why, what the studies show, and the numbers.

use super::amount::{files, rate, time};
use super::fit::{Width, harmless, one_line};
use crate::batch::{Brief, Merged, MergedAs, Outcome};
use crate::pattern::Family;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Lines of a screen (24, as terminals have had since the VT100) without the command above and the prompt below.
const SCREEN_LINES: usize = 22;
/// Lines for the numbers.
const NUMBERS_LINES: usize = 3;
/// Failures told one by one; more are counted.
const FAILURES_SHOWN: usize = 10;
/// Lines for a few failures that are told in full.
const FAILURES_LINES: usize = FAILURES_SHOWN + 2;
/// Studies of which the lines are kept.
const STUDIES_KEPT: usize = SCREEN_LINES - NUMBERS_LINES;

/// What became of the files of a run; memory does not grow with their number.
#[derive(Default)]
pub struct Tally {
    /// Files that were analyzed.
    pub analyzed: usize,
    /// Files of an earlier run that did not change.
    pub unchanged: usize,
    /// Files that are no recordings of their own.
    pub skipped: usize,
    /// Files that failed.
    pub failed: usize,
    /// Files to which a run that was stopped did not come.
    pub not_reached: usize,
    /// Studies about which something was noticed.
    pub with_findings: usize,
    /// Folders and files that could not be listed.
    pub unlisted: usize,
    /// Folders with results of other runs among the recordings, and the first of them.
    left_out: (usize, Option<PathBuf>),
    /// What is told of the first studies, a line each.
    lines: Vec<String>,
    /// What is told of the first study.
    reasons: Vec<String>,
    families: BTreeMap<Family, usize>,
    corrected: usize,
    /// What is told of the first failures, and of the first of each kind.
    failures: Vec<String>,
    kinds: BTreeMap<String, usize>,
}

/// Where results stand: what a person is told to look into.
pub enum Place<'a> {
    /// The results folder of a run that ended.
    Tables(&'a Path),
    /// There are no tables, and the rest stands in the log.
    Log,
    /// There are none of this run.
    None,
}

impl Tally {
    /// What became of one file.
    pub fn hear(&mut self, name: &str, outcome: &Outcome) {
        match outcome {
            Outcome::Analyzed(brief) => {
                self.analyzed += 1;
                self.study(name, brief);
            }
            Outcome::Unchanged(brief) => {
                self.unchanged += 1;
                self.study(name, brief);
            }
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Failed(error) => self.fail(error.code().as_str(), &error.to_string()),
            Outcome::NotReached => self.not_reached += 1,
        }
    }

    /// What became of one file of a merge.
    pub fn hear_merged(&mut self, merged: &Merged<'_>) {
        match &merged.outcome {
            MergedAs::Copied(brief) => {
                self.analyzed += 1;
                self.study(merged.file, brief);
            }
            MergedAs::Unchanged(brief) => {
                self.unchanged += 1;
                self.study(merged.file, brief);
            }
            MergedAs::Skipped(_) => self.skipped += 1,
            MergedAs::Failed(why) => self.fail(why.code, why.told),
            MergedAs::NotReached => self.not_reached += 1,
        }
    }

    /// A file that failed, the code of the error, and what is told of it.
    pub fn fail(&mut self, code: &str, told: &str) {
        self.failed += 1;
        self.failure(code, told);
    }

    /// A folder or file that could not be listed, the code of the error, and what is told of it.
    pub fn not_listed(&mut self, code: &str, told: &str) {
        self.unlisted += 1;
        self.failure(code, told);
    }

    /// Folders with results of other runs, which are no recordings.
    pub fn leave_out(&mut self, folders: &[PathBuf]) {
        self.left_out.0 += folders.len();
        self.left_out.1 = self.left_out.1.take().or_else(|| folders.first().cloned());
    }

    /// Tells of what was left out.
    pub fn print_left_out(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let (count, Some(first)) = &self.left_out else {
            return Ok(());
        };
        let first = one_line(&first.display().to_string());
        let what = match count {
            1 => format!("left out: the results of another run in {first}"),
            _ => format!("left out: the results of other runs in {count} folders, such as {first}"),
        };
        writeln!(out, "{}", Width::of_stdout().cut(&what))
    }

    /// Counts a study of which nothing more is told.
    pub fn count_study(&mut self, family: Option<Family>, corrected: bool, noticed: bool) {
        self.corrected += usize::from(corrected);
        self.with_findings += usize::from(noticed);
        if let Some(family) = family {
            *self.families.entry(family).or_default() += 1;
        }
    }

    fn study(&mut self, name: &str, brief: &Brief) {
        let corrections = &brief.corrections;
        let (title, family) = brief.told();
        self.count_study(family, !corrections.is_empty(), brief.noticed);
        if self.studies() == 1 {
            self.reasons.clone_from(&brief.reasons);
            let by_hand = corrections.iter();
            self.reasons
                .extend(by_hand.map(|line| format!("changed by hand: {line}")));
        }
        if self.lines.len() < STUDIES_KEPT {
            let by_hand = match corrections.len() {
                0 => String::new(),
                1 => "; 1 correction by hand".to_owned(),
                count => format!("; {count} corrections by hand"),
            };
            self.lines.push(format!("{name}: {title}{by_hand}"));
        }
    }

    fn failure(&mut self, code: &str, told: &str) {
        let kind = self.kinds.entry(code.to_owned()).or_default();
        *kind += 1;
        if *kind == 1 || self.failures.len() < FAILURES_SHOWN {
            self.failures.push(told.to_owned());
        }
    }

    /// Files that failed, and folders that could not be listed.
    pub fn failures(&self) -> usize {
        self.failed + self.unlisted
    }

    fn studies(&self) -> usize {
        self.analyzed + self.unchanged
    }

    /// Tells what failed on the standard error.
    pub fn tell_failures(&self, place: &Place<'_>) {
        let mut terminal = std::io::stderr().lock();
        for line in self.failure_lines(place, Width::of_stderr()) {
            // A terminal that is gone cannot be told so.
            let _ = writeln!(terminal, "{line}");
        }
    }

    /// One failure as a whole, a line each of a few; of many the first, of each kind at least one, and where the others stand.
    fn failure_lines(&self, place: &Place<'_>, width: Width) -> Vec<String> {
        let one = |told: &String| width.cut(&format!("endplate: {}", one_line(told)));
        match (&self.failures[..], self.failures()) {
            ([], _) => return Vec::new(),
            ([whole], 1) => return vec![format!("endplate: {}", harmless(whole))],
            (all, count) if count <= FAILURES_SHOWN => {
                let whole = all
                    .iter()
                    .flat_map(|told| width.wrapped(&format!("endplate: {}", one_line(told))));
                let whole: Vec<_> = whole.collect();
                // With their advice where the screen has room for the rest, else a line each.
                return if whole.len() <= FAILURES_LINES {
                    whole
                } else {
                    all.iter().map(one).collect()
                };
            }
            _ => {}
        }
        // Those of kinds of their own stand at the end of the list: the first ones make room for them.
        let (first, others) = self
            .failures
            .split_at(self.failures.len().min(FAILURES_SHOWN));
        let others = &others[..others.len().min(FAILURES_SHOWN)];
        let first = &first[..first.len().min(FAILURES_SHOWN - others.len())];
        let shown = first.iter().chain(others);
        let mut lines: Vec<_> = shown.map(one).collect();
        lines.push(format!(
            "endplate: … and {} more",
            self.failures() - lines.len()
        ));
        let mut rest = String::new();
        if self.kinds.len() > 1 {
            let mut kinds: Vec<_> = self.kinds.iter().collect();
            kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let kinds: Vec<_> = kinds
                .iter()
                .map(|(kind, count)| format!("{count} {kind}"))
                .collect();
            rest = kinds.join(", ");
        }
        let elsewhere = match place {
            Place::Tables(results) => Some(format!("each with its reason: {}", tables(results))),
            Place::Log => Some("--log FILE writes all of them".to_owned()),
            Place::None => None,
        };
        let rest = [(!rest.is_empty()).then_some(rest), elsewhere];
        let rest: Vec<_> = rest.into_iter().flatten().collect();
        if !rest.is_empty() {
            lines.extend(width.wrapped(&format!("endplate: {}", rest.join("; "))));
        }
        lines
    }

    /// What the studies show: the reasons of one, a line each of a few, counts of many.
    pub fn print_studies(&self, out: &mut dyn Write) -> std::io::Result<()> {
        if self.studies() == 1 {
            for reason in &self.reasons {
                writeln!(out, "  {}", harmless(reason))?;
            }
            return Ok(());
        }
        self.print_lines_or_counts(out)
    }

    /// A line each of a few, counts of many.
    pub fn print_lines_or_counts(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let told = self.failure_lines(&Place::None, Width::of_stderr());
        let told: usize = told.iter().map(|told| told.lines().count()).sum();
        let told = told + usize::from(self.left_out.0 > 0);
        let room = (SCREEN_LINES - NUMBERS_LINES).saturating_sub(told);
        if self.studies() == self.lines.len() && self.lines.len() <= room {
            let width = Width::of_stdout();
            for line in &self.lines {
                writeln!(out, "{}", width.cut(&one_line(line)))?;
            }
            return Ok(());
        }
        self.print_counts(out)
    }

    /// How many studies show what.
    pub fn print_counts(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for (family, count) in &self.families {
            writeln!(out, "{count:>7}  {}", family.as_str().replace('_', " "))?;
        }
        if self.corrected > 0 {
            writeln!(out, "{:>7}  corrected by hand", self.corrected)?;
        }
        Ok(())
    }

    /// The numbers of the run, how long it took, and where the results stand.
    pub fn print_numbers(
        &self,
        took: Option<Duration>,
        results: &Path,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
        self.print_left_out(out)?;
        let begin = format!("{} analyzed", files(self.analyzed));
        let text = self.numbers(begin, "unchanged", took, Some(results));
        print_sentence(&text, out)
    }

    /// The numbers of a merge of so many shares. One that was stopped has written no tables.
    pub fn print_merged(
        &self,
        shares: usize,
        took: Duration,
        results: &Path,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
        let begin = format!(
            "{shares} {} merged: {} {}",
            if shares == 1 { "share" } else { "shares" },
            self.studies(),
            if self.studies() == 1 {
                "study"
            } else {
                "studies"
            },
        );
        let results = (self.not_reached == 0).then_some(results);
        let text = self.numbers(begin, "of them there already", Some(took), results);
        print_sentence(&text, out)
    }

    /// `begin` and what there is to add to it; `unchanged`: what is said of files about which there was nothing to do.
    fn numbers(
        &self,
        begin: String,
        unchanged: &str,
        took: Option<Duration>,
        results: Option<&Path>,
    ) -> String {
        let mut text = begin;
        let findings = format!(" ({} with findings)", self.with_findings);
        for (count, said) in [
            (self.unchanged, format!(", {} {unchanged}", self.unchanged)),
            (self.with_findings, findings),
            (self.failed, format!(", {} failed", self.failed)),
            (
                self.unlisted,
                format!(", {} could not be listed", self.unlisted),
            ),
            (
                self.skipped,
                format!(", {} skipped as no recordings of their own", self.skipped),
            ),
            (
                self.not_reached,
                format!(
                    ", {} not reached (the same command goes on)",
                    self.not_reached
                ),
            ),
        ] {
            if count > 0 {
                text.push_str(&said);
            }
        }
        if let Some(took) = took {
            text.push_str(&format!("; {}", time(took)));
            let worked = self.analyzed + self.failed;
            if self.analyzed > 0
                && worked > 1
                && let Some(rate) = rate(worked, took)
            {
                text.push_str(&format!(", {rate}"));
            }
        }
        match results {
            Some(results) => text + &format!("; see {}", tables(results)),
            None => text + "; the tables come at the end",
        }
    }
}

fn print_sentence(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for line in Width::of_stdout().wrapped(text) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The two files of a results folder in which every file stands.
fn tables(results: &Path) -> String {
    let files = results.join("files.csv");
    format!("{} and index.html beside it", files.display())
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
