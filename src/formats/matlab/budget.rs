//! How much a file may unfold into.

use crate::error::{Error, ErrorCode, Result};
use std::cell::Cell;

/// No file may unfold into more than this many bytes.
const MAX_UNFOLDED: u64 = 8 << 30;

/// Bytes in memory per byte of the file. Heuristic: zlib makes a tenth of a recorded signal at best, and small integers become doubles of eight bytes.
const MAX_RATIO: u64 = 200;

/// Every file may unfold into this much. Heuristic: room for an hour of an idle trigger channel, which compresses to nearly nothing.
const FREE_BYTES: u64 = 64 << 20;

/// Arrays inside arrays are followed so far. Heuristic: exports nest three deep.
pub(in crate::formats) const MAX_DEPTH: usize = 32;

/// What is left of that.
pub(in crate::formats) struct Budget {
    left: Cell<u64>,
    file: usize,
}

impl Budget {
    pub(in crate::formats) fn of(file: usize) -> Self {
        let allowed = (file as u64)
            .saturating_mul(MAX_RATIO)
            .saturating_add(FREE_BYTES);
        Self {
            left: Cell::new(allowed.min(MAX_UNFOLDED)),
            file,
        }
    }

    /// Takes `count` values of `size` bytes, before they are allocated.
    pub(in crate::formats) fn charge(&self, count: usize, size: usize) -> Result<()> {
        let left = self.left.get();
        match (count as u64)
            .checked_mul(size as u64)
            .and_then(|wanted| left.checked_sub(wanted))
        {
            Some(rest) => {
                self.left.set(rest);
                Ok(())
            }
            None => Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "{count} values of {size} bytes; a file of {} bytes may unfold into {left} more bytes",
                    self.file
                ),
            )
            .advice("no signal compresses so well; the file is damaged, or holds mostly zeros: save only the variables that are needed")),
        }
    }

    /// Gives back what is no longer held.
    pub(in crate::formats) fn refund(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_add(bytes as u64));
    }

    /// Refuses arrays that are nested without end.
    pub(in crate::formats) fn enter(&self, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("arrays are nested deeper than {MAX_DEPTH}"),
            )
            .advice("save the signal as a variable of its own"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_can_be_taken_again() {
        let budget = Budget::of(0);
        let all = FREE_BYTES as usize;
        budget.charge(all, 1).unwrap();
        assert_eq!(budget.charge(1, 1).unwrap_err().code(), ErrorCode::TooLarge);
        budget.refund(8);
        budget.charge(1, 8).unwrap();
        assert!(budget.charge(usize::MAX, usize::MAX).is_err());
    }
}
