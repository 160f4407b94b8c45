//! One unit per dimension inside the crate: mV, ms within a sweep, s on the clock of a recording, Hz, mV·ms, %.
//!
//! Values are converted once, at the door (`formats`), and never again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $symbol:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl $name {
            /// The symbol that follows a number of this unit.
            pub const SYMBOL: &'static str = $symbol;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)?;
                write!(f, " {}", $symbol)
            }
        }
    };
}

quantity!(
    /// A voltage in millivolts.
    Millivolts, "mV"
);
quantity!(
    /// A time within a sweep, in milliseconds after the stimulus.
    Milliseconds, "ms"
);
quantity!(
    /// A time on the clock of a recording, or the length of an exercise, in seconds.
    Seconds, "s"
);
quantity!(
    /// A rate in hertz: of sampling, of stimulation, of mains.
    Hertz, "Hz"
);
quantity!(
    /// An area under a voltage curve in millivolt-milliseconds.
    MillivoltMilliseconds, "mV·ms"
);
quantity!(
    /// A change in percent.
    Percent, "%"
);
quantity!(
    /// A skin temperature in degrees Celsius.
    Celsius, "°C"
);
quantity!(
    /// A stimulus current in milliamperes.
    Milliamperes, "mA"
);

impl Milliseconds {
    /// The same time in seconds.
    pub fn seconds(self) -> Seconds {
        Seconds(self.0 / 1000.0)
    }
}

impl Seconds {
    /// The same time in milliseconds.
    pub fn milliseconds(self) -> Milliseconds {
        Milliseconds(self.0 * 1000.0)
    }
}

/// The unit of a measure or of a table column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// mV
    Millivolts,
    /// ms
    Milliseconds,
    /// s
    Seconds,
    /// Hz
    Hertz,
    /// mV·ms
    MillivoltMilliseconds,
    /// %
    Percent,
    /// °C
    Celsius,
    /// mA
    Milliamperes,
    /// a count or a pure number
    One,
}

impl Unit {
    /// As a reader sees it: `mV`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Millivolts => "mV",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Hertz => "Hz",
            Self::MillivoltMilliseconds => "mV·ms",
            Self::Percent => "%",
            Self::Celsius => "°C",
            Self::Milliamperes => "mA",
            Self::One => "",
        }
    }

    /// As the end of a column's name: `_mv`.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Millivolts => "_mv",
            Self::Milliseconds => "_ms",
            Self::Seconds => "_s",
            Self::Hertz => "_hz",
            Self::MillivoltMilliseconds => "_mv_ms",
            Self::Percent => "_pct",
            Self::Celsius => "_c",
            Self::Milliamperes => "_ma",
            Self::One => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_prints_with_its_unit_and_the_asked_precision() {
        assert_eq!(format!("{:.2}", Millivolts(7.2)), "7.20 mV");
    }

    #[test]
    fn a_second_is_a_thousand_milliseconds() {
        assert_eq!(Seconds(0.25).milliseconds(), Milliseconds(250.0));
        assert_eq!(Milliseconds(250.0).seconds(), Seconds(0.25));
    }
}
