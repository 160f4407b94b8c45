//! What a value of DICOM may be (PS3.5 6.2): length, characters, grammar.

use dicom_core::VR;

/// Whether a value can stand in an element of that representation, or what is wrong with it. Never with the value itself.
pub(super) fn check(vr: VR, text: &str) -> Result<(), String> {
    if text.chars().any(|c| c == '\\' || c.is_control()) {
        return Err("holds a backslash or a control character".to_owned());
    }
    match vr {
        VR::LO => longest(text, 64),
        VR::SH => longest(text, 16),
        VR::PN => name(text),
        VR::CS => code(text),
        VR::UI => uid(text),
        VR::DA => date(text),
        VR::TM => time(text),
        _ => Err(format!("has the representation {vr}, which is not checked")),
    }
}

fn longest(text: &str, most: usize) -> Result<(), String> {
    let count = text.chars().count();
    if count > most {
        return Err(format!(
            "has {count} characters; at most {most} are allowed"
        ));
    }
    Ok(())
}

/// Up to three groups (alphabetic, ideographic, phonetic), each of up to five components.
fn name(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('=').collect();
    if groups.len() > 3 {
        return Err("has more than three groups between =".to_owned());
    }
    for group in groups {
        longest(group, 64)?;
        if group.split('^').count() > 5 {
            return Err("has more than five components between ^".to_owned());
        }
    }
    Ok(())
}

fn code(text: &str) -> Result<(), String> {
    longest(text, 16)?;
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ' || c == '_';
    if text.chars().all(allowed) {
        Ok(())
    } else {
        Err("may hold capital letters, digits, spaces and underscores only".to_owned())
    }
}

fn uid(text: &str) -> Result<(), String> {
    longest(text, 64)?;
    let component = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    if text.contains('.') && text.split('.').all(component) {
        Ok(())
    } else {
        Err("is no UID: numbers without leading zeros, separated by points (PS3.5 9.1)".to_owned())
    }
}

fn date(text: &str) -> Result<(), String> {
    let wrong = || "is no date; expected 1951-05-02 or 19510502".to_owned();
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let parts = [text.get(..4), text.get(4..6), text.get(6..)];
    let [Some(year), Some(month), Some(day)] = parts else {
        return Err(wrong());
    };
    let spelled = format!("{year}-{month}-{day}");
    spelled
        .parse::<jiff::civil::Date>()
        .map(|_| ())
        .map_err(|_| wrong())
}

/// `HHMMSS.FFFFFF`, to the hour at least; a leap second is allowed.
fn time(text: &str) -> Result<(), String> {
    let wrong = || "is no time; expected 093000".to_owned();
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !matches!(whole.len(), 2 | 4 | 6) {
        return Err(wrong());
    }
    let good = |place: usize, most: u8| {
        whole
            .get(place..place + 2)
            .is_none_or(|part| part.parse::<u8>().is_ok_and(|part| part <= most))
    };
    let fraction = fraction
        .is_none_or(|text| whole.len() == 6 && (1..=6).contains(&text.len()) && digits(text));
    if good(0, 23) && good(2, 59) && good(4, 60) && fraction {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// A date as people write it, `1951-05-02`, as DICOM has it; anything else as it is.
pub fn written_date(text: &str) -> String {
    match text.trim().parse::<jiff::civil::Date>() {
        Ok(date) => date.strftime("%Y%m%d").to_string(),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_must_fit_its_representation() {
        let good = [
            (VR::UI, "1.2.840.10008.0.1"),
            (VR::DA, "20240229"),
            (VR::TM, "0930"),
            (VR::TM, "093000.123456"),
            (VR::TM, "235960"),
            (VR::PN, "Yamada^Tarou=山田^太郎=やまだ^たろう"),
            (VR::LO, "00-123/ä"),
            (VR::SH, "1234567890123456"),
            (VR::CS, "F"),
        ];
        for (vr, text) in good {
            assert_eq!(check(vr, text), Ok(()), "{vr} {text}");
        }
        let long = "x".repeat(65);
        let wrong = [
            (VR::UI, "1.02.3"),
            (VR::UI, "1..2"),
            (VR::UI, "12"),
            (VR::UI, "1.2.a"),
            (VR::DA, "20230229"),
            (VR::DA, "1962-07-14"),
            (VR::DA, "1951050é"),
            (VR::TM, "2400"),
            (VR::TM, "0930.5"),
            (VR::TM, "9"),
            (VR::PN, "a=b=c=d"),
            (VR::PN, "a^b^c^d^e^f"),
            (VR::PN, long.as_str()),
            (VR::LO, long.as_str()),
            (VR::LO, "a\\b"),
            (VR::LO, "a\nb"),
            (VR::SH, "12345678901234567"),
            (VR::CS, "f"),
        ];
        for (vr, text) in wrong {
            let error = check(vr, text).unwrap_err();
            assert!(text.len() < 4 || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_date_may_be_given_as_people_write_it() {
        assert_eq!(written_date("1951-05-02"), "19510502");
        assert_eq!(written_date("02.05.1951"), "02.05.1951");
    }
}
