//! endplate's own XML note: what a recording knows and no field of EDF+ holds, as an annotation of record 0 (EDF+ 2.2.3 allows an inner
//! structure of texts, 3.7 shows XML). Other readers list it as a text; endplate takes it back and does not show it as a mark.

use super::Linked;
use super::calibration::Line;
use super::channels::Draft;
use super::decimal::Decimal;
use super::header::Header;
use super::identification::Identification;
use crate::error::Result;
use crate::recording::{Calibration, Channel, Clock, Origin, Role, Side, Subject};
use crate::units::Celsius;
use roxmltree::{Document, Node};

/// How the note begins; the number changes when the meaning of an attribute does.
pub(super) const START: &str = "<EDF_XMLnote><endplate version=\"1\">";
const END: &str = "</endplate></EDF_XMLnote>";

/// What the note says about the whole recording.
#[derive(Default)]
pub(super) struct Own {
    /// Time of the first sample on the recording's clock.
    pub(super) clock_start: Decimal,
    clock: Clock,
    started: Option<Option<String>>,
    device: Option<Option<String>>,
    sex: Option<Option<String>>,
    subject: Subject,
    temperature: Option<Option<Celsius>>,
}

/// `None`: not stated; `Some(None)`: stated to be nothing.
fn stated(node: Node<'_, '_>, name: &str) -> Option<Option<String>> {
    node.attribute(name)
        .map(|value| (!value.is_empty()).then(|| value.to_owned()))
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    let value: f64 = node.attribute(name)?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Takes the note out of the marks and completes the channels with it. A note that does not fit the file stays a mark.
pub(super) fn take(marks: &mut Vec<Linked>, header: &Header, drafts: &mut [Draft]) -> Option<Own> {
    let index = marks.iter().position(|mark| mark.text.starts_with(START))?;
    let own = {
        let document = Document::parse(&marks.get(index)?.text).ok()?;
        read(&document, header, drafts)?
    };
    marks.remove(index);
    Some(own)
}

fn read(document: &Document<'_>, header: &Header, drafts: &mut [Draft]) -> Option<Own> {
    let root = document
        .root_element()
        .children()
        .find(|node| node.has_tag_name("endplate"))?;
    let mut own = Own::default();
    for node in root.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "recording" => {
                if let Some(start) = node.attribute("clock_start") {
                    own.clock_start = Decimal::parse(start)?;
                }
                if let Some(clock) = node.attribute("clock") {
                    own.clock = Clock::from_name(clock)?;
                }
                own.started = stated(node, "started");
                own.device = stated(node, "device");
            }
            "subject" => {
                own.subject.code = stated(node, "code").flatten();
                own.subject.age_years = number(node, "age_years");
                own.sex = stated(node, "sex");
                own.temperature = node
                    .attribute("skin_temperature_c")
                    .map(|value| value.parse().ok().map(Celsius));
            }
            "channel" => {
                let number: usize = node.attribute("number")?.parse().ok()?;
                let draft = drafts.get_mut(number.checked_sub(1)?)?;
                channel(node, header, number - 1, draft);
            }
            _ => {}
        }
    }
    Some(own)
}

fn channel(node: Node<'_, '_>, header: &Header, index: usize, draft: &mut Draft) {
    let channel = &mut draft.channel;
    if let Some(label) = node.attribute("label") {
        label.clone_into(&mut channel.label);
    }
    if let Some(role) = node.attribute("role").and_then(Role::from_name) {
        channel.role = role;
    }
    let set = |name: &str, value: &mut Option<String>| {
        if let Some(stated) = stated(node, name) {
            *value = stated;
        }
    };
    set("muscle", &mut channel.muscle);
    set("nerve", &mut channel.nerve);
    set("prefilter", &mut channel.prefilter);
    set("transducer", &mut channel.transducer);
    if let Some(side) = node.attribute("side") {
        channel.side = Side::from_name(side);
    }
    let calibration = &mut channel.calibration;
    let in_header = calibration.millivolts_per_unit.unwrap_or(1.0);
    if let (Some(gain), Some(offset)) = (number(node, "gain"), number(node, "offset"))
        && gain != 0.0
        && agrees(header, index, gain / in_header, offset / in_header)
    {
        calibration.gain = gain;
        calibration.offset = offset;
    }
    if let Some(unit) = node.attribute("unit") {
        unit.clone_into(&mut calibration.unit);
    }
    if node.attribute("millivolts_per_unit").is_some() {
        calibration.millivolts_per_unit = number(node, "millivolts_per_unit");
    }
    if let (Some(low), Some(high)) = (number(node, "rail_low"), number(node, "rail_high")) {
        calibration.rails = Some((low, high));
    } else if node.attribute("rail_low").is_some() {
        calibration.rails = None;
    }
}

/// Whether the header is what one would write for this gain and offset. If somebody changed the header, it counts and not the note.
fn agrees(header: &Header, index: usize, gain: f64, offset: f64) -> bool {
    let signal = header
        .signals
        .iter()
        .filter(|signal| !signal.is_annotations)
        .nth(index);
    let Some(signal) = signal else { return false };
    let (Ok(low), Ok(high)) = (signal.digital_min.parse(), signal.digital_max.parse()) else {
        return false;
    };
    Line { gain, offset }.spell_ends((low, high))
        == Some((signal.physical_min.clone(), signal.physical_max.clone()))
}

impl Own {
    /// Completes what header and annotations say about the recording and the subject.
    pub(super) fn complete(self, origin: &mut Origin, subject: &mut Subject) {
        origin.clock = self.clock;
        if let Some(started) = self.started {
            origin.started = started;
        }
        if let Some(device) = self.device {
            origin.device = device;
        }
        if let Some(sex) = self.sex {
            subject.sex = sex;
        }
        subject.code = self.subject.code;
        subject.age_years = self.subject.age_years.or(subject.age_years);
        if let Some(temperature) = self.temperature {
            subject.skin_temperature = temperature;
        }
    }
}

/// Writes an element with the attributes that are needed.
struct Element(String, bool);

impl Element {
    fn new(name: &str) -> Self {
        Self(format!("<{name}"), false)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let mut escaped = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
                // XML 1.0 has no way to write these.
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    return Err(super::would_lose(format!(
                        "the {name} {value:?} has characters that EDF+ cannot hold"
                    )));
                }
                c => escaped.push(c),
            }
        }
        self.0.push_str(&format!(" {name}=\"{escaped}\""));
        self.1 = true;
        Ok(())
    }

    /// States `wanted` where the header says something else.
    fn differ<T: PartialEq>(
        &mut self,
        name: &str,
        said: &T,
        wanted: &T,
        text: impl Fn(&T) -> String,
    ) -> Result<()> {
        if said == wanted {
            Ok(())
        } else {
            self.set(name, &text(wanted))
        }
    }

    fn finish(self) -> Option<String> {
        self.1.then(|| self.0 + "/>")
    }
}

fn optional(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

/// What a channel is beyond what the header says. `exact` is false if the header's calibration is only near.
pub(super) fn about_channel(
    number: usize,
    said: &Channel,
    wanted: &Channel,
    exact: bool,
) -> Result<Option<String>> {
    let mut element = Element::new("channel");
    element.differ("label", &said.label, &wanted.label, String::clone)?;
    element.differ("role", &said.role, &wanted.role, |role| {
        role.as_str().to_owned()
    })?;
    element.differ("muscle", &said.muscle, &wanted.muscle, optional)?;
    element.differ("nerve", &said.nerve, &wanted.nerve, optional)?;
    element.differ("side", &said.side, &wanted.side, |side| {
        side.map_or("", Side::as_str).to_owned()
    })?;
    element.differ("prefilter", &said.prefilter, &wanted.prefilter, optional)?;
    element.differ("transducer", &said.transducer, &wanted.transducer, optional)?;
    let (said, wanted): (&Calibration, &Calibration) = (&said.calibration, &wanted.calibration);
    element.differ("unit", &said.unit, &wanted.unit, String::clone)?;
    if said.millivolts_per_unit != wanted.millivolts_per_unit {
        let text = wanted.millivolts_per_unit.map(|value| value.to_string());
        element.set("millivolts_per_unit", &text.unwrap_or_default())?;
    }
    if !exact {
        element.set("gain", &wanted.gain.to_string())?;
        element.set("offset", &wanted.offset.to_string())?;
    }
    if said.rails != wanted.rails {
        let rail = |rail: Option<f64>| rail.map(|rail| rail.to_string()).unwrap_or_default();
        element.set("rail_low", &rail(wanted.rails.map(|rails| rails.0)))?;
        element.set("rail_high", &rail(wanted.rails.map(|rails| rails.1)))?;
    }
    Ok(element
        .finish()
        .map(|text| text.replacen("<channel", &format!("<channel number=\"{number}\""), 1)))
}

/// What the recording and the subject are beyond what header and annotations say.
pub(super) fn about_recording(
    said: &Identification,
    origin: &Origin,
    subject: &Subject,
    clock_start: Decimal,
) -> Result<String> {
    let mut element = Element::new("recording");
    if !clock_start.is_zero() {
        element.set("clock_start", &clock_start.to_string())?;
    }
    if origin.clock != Clock::True {
        element.set("clock", origin.clock.as_str())?;
    }
    let started = said.started.map(|started| started.to_string());
    element.differ("started", &started, &origin.started, optional)?;
    element.differ("device", &said.device, &origin.device, optional)?;
    let mut text = element.finish().unwrap_or_default();
    let mut element = Element::new("subject");
    element.differ("code", &None, &subject.code, optional)?;
    if let Some(age) = subject.age_years {
        element.set("age_years", &age.to_string())?;
    }
    element.differ("sex", &said.subject.sex, &subject.sex, optional)?;
    let (said, wanted) = (said.subject.skin_temperature, subject.skin_temperature);
    element.differ("skin_temperature_c", &said, &wanted, |temperature| {
        temperature
            .map(|value| value.0.to_string())
            .unwrap_or_default()
    })?;
    text.push_str(&element.finish().unwrap_or_default());
    Ok(text)
}

/// The whole note; `None` if the header says all.
pub(super) fn enclose(elements: &str) -> Option<String> {
    (!elements.is_empty()).then(|| format!("{START}{elements}{END}"))
}
