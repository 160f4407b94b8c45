//! Answers that may be "cannot be told".

/// Whether something holds, as far as an interval allows to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// It does not.
    No,
    /// It may or may not.
    Unsure,
    /// It does.
    Yes,
}

impl Holds {
    /// Whether what lies between `low` and `high` is at least `limit`; unsure if the interval spans it or has no ends.
    pub fn at_least(low: f64, high: f64, limit: f64) -> Self {
        if low >= limit {
            Self::Yes
        } else if high < limit {
            Self::No
        } else {
            Self::Unsure
        }
    }

    /// Whether what lies between `low` and `high` is at most `limit`.
    pub fn at_most(low: f64, high: f64, limit: f64) -> Self {
        Self::at_least(-high, -low, -limit)
    }

    /// Whether both hold.
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// The opposite; what cannot be told stays so.
    pub fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unsure => Self::Unsure,
            Self::Yes => Self::No,
        }
    }

    /// Whether any of several holds.
    pub fn any(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::No)
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
