//! Finds a few bytes in a whole file.
//!
//! Files are searched where something may stand anywhere in them, as what a damaged file may hold. Blocks of bytes without a place to look at
//! are passed over many bytes at a time.

/// So many places are looked at together.
const BLOCK: usize = 128;

/// The first place from `from` on at which three bytes in a row pass the test. The test is asked without need of branches, so that it can be
/// asked of many places at once.
pub(super) fn place(bytes: &[u8], from: usize, test: impl Fn(u8, u8, u8) -> bool) -> Option<usize> {
    let block = |at: usize| bytes.get(at..at.checked_add(BLOCK)?);
    let mut at = from;
    while let (Some(first), Some(second), Some(third)) = (
        block(at),
        block(at.saturating_add(1)),
        block(at.saturating_add(2)),
    ) {
        let three = first.iter().zip(second).zip(third);
        let found = three.fold(0, |found, ((&first, &second), &third)| {
            found | u8::from(test(first, second, third))
        });
        if found != 0 {
            break;
        }
        at += BLOCK;
    }
    let rest = bytes.get(at..)?;
    let here = rest
        .windows(3)
        .position(|three| matches!(*three, [first, second, third] if test(first, second, third)))?;
    at.checked_add(here)
}

/// The first place from `from` on at which `wanted` stands, which has three bytes or more.
pub(super) fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let &[first, second, third, ..] = wanted else {
        return None;
    };
    let test = |a: u8, b: u8, c: u8| (a == first) & (b == second) & (c == third);
    let mut from = from;
    loop {
        let at = place(bytes, from, test)?;
        if bytes.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at.checked_add(1)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_anywhere_is_found_where_it_stands_first() {
        for length in [3, 4, BLOCK, BLOCK + 2, 5 * BLOCK + 17] {
            for at in 0..=length - 3 {
                let mut bytes = vec![b'a'; length];
                bytes[at..at + 3].copy_from_slice(b"abc");
                assert_eq!(find(&bytes, 0, b"abc"), Some(at), "{at} of {length}");
                assert_eq!(find(&bytes, at, b"abc"), Some(at));
                assert_eq!(find(&bytes, at + 1, b"abc"), None);
            }
        }
    }

    #[test]
    fn a_beginning_of_what_is_wanted_is_passed_over() {
        assert_eq!(find(b"abcabcabcd", 0, b"abcd"), Some(6));
        assert_eq!(find(b"abcabc", 0, b"abcd"), None);
        assert_eq!(find(b"", 0, b"abcd"), None);
        assert_eq!(find(b"abc", usize::MAX, b"abc"), None);
    }
}
