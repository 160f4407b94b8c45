//! What a laboratory says about its reports: its name, its language, what appears. No code.

use super::form::{Logo, Paper};
use super::sections::SECTIONS;
use crate::cmap::MEASURES;
use crate::error::{Error, ErrorCode, Result};
use crate::plot::FIGURES;
use crate::train::CHANGING_MEASURES;
use crate::words::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The template file. A key that is not given keeps its default; a key that does not exist is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateFile {
    /// The language: `en`, `de`, `es`, `fr`, `nb`, or any other tag together with its words.
    pub language: String,
    /// The paper: `a4` or `letter`.
    pub paper: Paper,
    /// The title; without it that of the language.
    pub title: Option<String>,
    /// Which sections appear, in which order (`endplate list sections`).
    pub sections: Vec<String>,
    /// Ids of the measures whose decrement stands in the table of trains.
    pub measures: Vec<String>,
    /// Ids of the criterion sets on page one; empty: those by which the pattern was read. All verdicts stand in the section `verdicts`.
    pub criteria: Vec<String>,
    /// Ids of the figures that are drawn.
    pub figures: Vec<String>,
    /// Who reports.
    pub laboratory: Laboratory,
    /// Words of the laboratory's own, under the keys of `src/words/languages/en.toml`.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub words: toml::Table,
}

/// Who reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Laboratory {
    /// The name.
    pub name: String,
    /// The lines of the address.
    pub address: Vec<String>,
    /// A PNG or JPEG, relative to the template.
    pub logo: Option<PathBuf>,
}

impl Default for TemplateFile {
    fn default() -> Self {
        let owned = |ids: &mut dyn Iterator<Item = &'static str>| ids.map(str::to_owned).collect();
        Self {
            language: "en".to_owned(),
            paper: Paper::default(),
            title: None,
            sections: owned(&mut SECTIONS.iter().map(|section| section.id)),
            measures: owned(&mut CHANGING_MEASURES.iter().copied()),
            criteria: Vec::new(),
            figures: owned(&mut FIGURES.iter().map(|figure| figure.id)),
            laboratory: Laboratory::default(),
            words: toml::Table::new(),
        }
    }
}

/// A template that was checked, with everything that it needs.
#[derive(Clone, Debug)]
pub struct Template {
    /// What the file says.
    pub file: TemplateFile,
    /// The words of its language.
    pub words: Words,
    /// The logo.
    pub logo: Option<Logo>,
}

/// A larger logo is a mistake.
const LOGO_BYTES_MAX: u64 = 4 << 20;

impl Template {
    /// A template from what its file says; `beside` is the folder that the logo is looked for in.
    pub fn new(file: TemplateFile, beside: &Path) -> Result<Self> {
        check(
            "sections",
            &file.sections,
            &mut SECTIONS.iter().map(|s| s.id),
        )?;
        check(
            "measures",
            &file.measures,
            &mut CHANGING_MEASURES.iter().copied(),
        )?;
        check("figures", &file.figures, &mut FIGURES.iter().map(|f| f.id))?;
        let words = Words::new(&file.language, &file.words)?;
        let logo = match &file.laboratory.logo {
            Some(path) => Some(logo(&beside.join(path), &file.laboratory.name)?),
            None => None,
        };
        Ok(Self { file, words, logo })
    }

    /// Reads a template from TOML; `beside` is the folder that the logo is looked for in.
    pub fn from_toml(text: &str, beside: &Path) -> Result<Self> {
        let file = toml::from_str(text).map_err(|cause| {
            wrong(cause.to_string().trim_end().to_owned())
                .advice("docs/report.md shows every key of a template")
        })?;
        Self::new(file, beside)
    }

    /// Reads a template from a file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))?;
        let beside = path.parent().unwrap_or(Path::new(""));
        Self::from_toml(&text, beside).map_err(|error| error.in_file(path))
    }

    /// The one that is used when none is given.
    pub fn standard() -> Self {
        let file = TemplateFile::default();
        let words = Words::english();
        Self {
            file,
            words,
            logo: None,
        }
    }

    /// The name of a measure, in the language.
    pub fn measure(&self, id: &str) -> String {
        let name = MEASURES
            .iter()
            .find(|card| card.id == id)
            .map_or(id, |card| card.name);
        self.words.of("measure", id, name)
    }
}

/// Whether every id is known and stands once.
fn check(key: &str, ids: &[String], known: &mut dyn Iterator<Item = &'static str>) -> Result<()> {
    let known: Vec<_> = known.collect();
    match ids.iter().find(|id| !known.contains(&id.as_str())) {
        None => match ids
            .iter()
            .enumerate()
            .find(|(at, id)| ids[..*at].contains(id))
        {
            Some((_, id)) => {
                Err(wrong(format!("{key}: \"{id}\" stands twice")).advice("leave one of them out"))
            }
            None => Ok(()),
        },
        Some(id) => Err(wrong(format!("{key}: \"{id}\" is not known"))
            .advice(format!("any of {}", known.join(", ")))),
    }
}

fn logo(path: &Path, name: &str) -> Result<Logo> {
    let io = |cause| Error::io(path, cause);
    if std::fs::metadata(path).map_err(io)?.len() > LOGO_BYTES_MAX {
        return Err(wrong(format!(
            "the logo is larger than {} MB",
            LOGO_BYTES_MAX >> 20
        ))
        .in_file(path));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let format = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else if bytes.starts_with(b"\xFF\xD8\xFF") {
        "jpeg"
    } else {
        return Err(wrong("the logo is neither PNG nor JPEG".to_owned()).in_file(path));
    };
    Ok(Logo {
        format,
        base64: base64(&bytes),
        bytes,
        alt: name.to_owned(),
    })
}

/// RFC 4648, section 4.
pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, index| {
            bits << 8 | usize::from(three.get(index).copied().unwrap_or(0))
        });
        for index in 0..4 {
            if index <= three.len() {
                let sign = SIGNS[bits >> (18 - 6 * index) & 63];
                text.push(char::from(sign));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn wrong(what: String) -> Error {
    Error::new(ErrorCode::BadSettings, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_slip_in_a_template_is_told_with_what_is_known() {
        let told = |text: &str| {
            Template::from_toml(text, Path::new(""))
                .unwrap_err()
                .to_string()
        };
        assert!(told("sections = [\"trians\"]").contains("trains"));
        assert!(told("langauge = \"de\"").contains("langauge"));
        assert!(told("paper = \"A5\"").contains("letter"));
        let twice = told("sections = [\"trains\", \"criteria\", \"trains\"]");
        assert!(twice.contains("\"trains\" stands twice"), "{twice}");
    }

    #[test]
    fn the_template_of_the_documentation_can_be_read() {
        let page = include_str!("../../docs/report.md");
        let example = page
            .split("```toml\n")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let text: String = example
            .lines()
            .filter(|line| !line.starts_with("logo"))
            .map(|line| format!("{line}\n"))
            .collect();
        let template = Template::from_toml(&text, Path::new("")).unwrap();
        assert_eq!(template.words.get("label.exercise"), "Belastung");
    }

    #[test]
    fn a_logo_is_looked_for_beside_its_template() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("logo.png"), b"no picture").unwrap();
        let path = folder.path().join("lab.toml");
        std::fs::write(&path, "[laboratory]\nlogo = \"logo.png\"").unwrap();
        let error = Template::load(&path).unwrap_err().to_string();
        assert!(error.contains("neither PNG nor JPEG"), "{error}");
    }
}
