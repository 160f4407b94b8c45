//! Lists of numbers as a person writes them: `1-10, 12`.

use super::bad;
use crate::error::Result;

/// More sweeps than these are a slip of the pen (heuristic; a day at 10 Hz).
const MOST: usize = 1_000_000;

/// The numbers in the order in which they are written. Each is at least 1 and stands once.
pub(super) fn list(text: &str) -> Result<Vec<usize>> {
    let unclear = || {
        bad(format!("\"{text}\" is no list of sweeps"))
            .advice("numbers from 1 and ranges with commas between them: \"1-10\" or \"1-4, 6\"")
    };
    let number = |part: &str| {
        part.trim()
            .parse::<usize>()
            .ok()
            .filter(|&number| (1..=MOST).contains(&number))
            .ok_or_else(unclear)
    };
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = match part.split_once(['-', '–']) {
            Some((first, last)) => (number(first)?, number(last)?),
            None => {
                let only = number(part)?;
                (only, only)
            }
        };
        if last < first || numbers.len() + (last - first) >= MOST {
            return Err(unclear());
        }
        numbers.extend(first..=last);
    }
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(bad(format!("sweep {} stands twice in \"{text}\"", pair[0])));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_numbers_are_read_in_their_order() {
        assert_eq!(list("1-3, 7 ,5–6").unwrap(), [1, 2, 3, 7, 5, 6]);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for text in [
            "",
            "0",
            "1-",
            "3-1",
            "1;2",
            "-1",
            "1-99999999999",
            "1,2,1-3",
            "eins",
        ] {
            assert!(list(text).is_err(), "{text:?}");
        }
    }
}
