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
    /// From here on a person is told a delay in minutes, in s (heuristic: a train "at 1 min" is often given some seconds early).
    const MINUTES_FROM: f64 = 55.0;

    /// The same time in milliseconds.
    pub fn milliseconds(self) -> Milliseconds {
        Milliseconds(self.0 * 1000.0)
    }

    /// Whether a person is told a delay of this length in seconds, not in minutes.
    pub fn is_told_in_seconds(self) -> bool {
        self.0 < Self::MINUTES_FROM
    }
}

impl Percent {
    /// From here on a person sees a percentage without decimals: what rounds to 100 with one has none.
    const NO_DECIMALS_FROM: f64 = 99.95;

    /// With how many decimals a person sees it: one below 100, none above.
    pub fn decimals(self) -> usize {
        usize::from(self.0.abs() < Self::NO_DECIMALS_FROM)
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
    fn a_percentage_has_a_decimal_below_100_and_a_delay_is_told_in_minutes_near_one() {
        assert_eq!(Percent(-99.94).decimals(), 1);
        assert_eq!(Percent(99.95).decimals(), 0);
        assert!(Seconds(54.9).is_told_in_seconds());
        assert!(!Seconds(55.0).is_told_in_seconds());
    }

    #[test]
    fn a_second_is_a_thousand_milliseconds() {
        assert_eq!(Seconds(0.25).milliseconds(), Milliseconds(250.0));
        assert_eq!(Milliseconds(250.0).seconds(), Seconds(0.25));
    }
}
