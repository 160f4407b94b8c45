//! Links of the front page: always relative, always into the folder of a study.

/// Where the files of a study stand, as seen from the front page, for an attribute of a link: `studies/a%20b/c.edf`.
///
/// Only letters, digits, `-._~`, `%` and `/` remain, so that no name can end the attribute, name a scheme, a server, a query or a fragment.
/// `None` for a name that would lead elsewhere: no such study is ever written.
pub fn of_study(name: &str) -> Option<String> {
    let mut address = "studies".to_owned();
    for part in name.split('/') {
        // A browser takes `%2e%2e` for `..` too.
        if matches!(part, "" | "." | "..") {
            return None;
        }
        address.push('/');
        encode(part, &mut address);
    }
    Some(address)
}

/// A file in the folder of a study.
pub fn of_file(folder: &str, file: &str) -> String {
    let mut address = format!("{folder}/");
    encode(file, &mut address);
    address
}

/// RFC 3986, sections 2.1 and 2.3: everything but unreserved characters.
fn encode(part: &str, address: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in part.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push('%');
            address.push(char::from(DIGITS[usize::from(byte >> 4)]));
            address.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_more_than_a_relative_path() {
        let cases = [
            ("p 1/ü#?.edf", "studies/p%201/%C3%BC%23%3F.edf"),
            ("javascript:alert(1)", "studies/javascript%3Aalert%281%29"),
            (
                "a\"onmouseover='x'<b>&",
                "studies/a%22onmouseover%3D%27x%27%3Cb%3E%26",
            ),
            ("100%.edf", "studies/100%25.edf"),
            ("%2e%2e/x", "studies/%252e%252e/x"),
            ("a\\..\\b", "studies/a%5C..%5Cb"),
            ("a\nb\u{2028}c", "studies/a%0Ab%E2%80%A8c"),
        ];
        for (name, address) in cases {
            assert_eq!(of_study(name).as_deref(), Some(address));
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_has_no_link() {
        for name in ["", "..", "../x", "a/../../x", "./a", "/etc/passwd", "a//b"] {
            assert_eq!(of_study(name), None, "{name}");
        }
    }
}
