//! Numbers of files, times and rates in words.

use std::time::Duration;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 3600;

/// `1 file`, `12 files`.
pub fn files(count: usize) -> String {
    format!("{count} {}", if count == 1 { "file" } else { "files" })
}

/// `0.3 s`, `42 s`, `3 min 05 s`, `2 h 08 min`.
pub fn time(time: Duration) -> String {
    /// From here on nobody asks for tenths.
    const WHOLE_S: f64 = 10.0;
    let seconds = time.as_secs_f64();
    if seconds < WHOLE_S {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    if whole < MINUTE_S {
        format!("{whole} s")
    } else if whole < HOUR_S {
        format!("{} min {:02} s", whole / MINUTE_S, whole % MINUTE_S)
    } else {
        let minutes = whole / MINUTE_S;
        format!("{} h {:02} min", minutes / MINUTE_S, minutes % MINUTE_S)
    }
}

/// `52 files/s`, `3.1 files/s`, `19 files/min`; nothing where there is nothing to divide.
pub fn rate(count: usize, time: Duration) -> Option<String> {
    const WHOLE: f64 = 10.0;
    let per_second = count as f64 / time.as_secs_f64();
    if count == 0 || !per_second.is_finite() {
        return None;
    }
    Some(if per_second >= WHOLE {
        format!("{per_second:.0} files/s")
    } else if per_second >= 1.0 {
        format!("{per_second:.1} files/s")
    } else {
        let per_minute = per_second * MINUTE_S as f64;
        if per_minute >= WHOLE {
            format!("{per_minute:.0} files/min")
        } else {
            format!("{per_minute:.1} files/min")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_a_person_asks() {
        let said = |seconds| time(Duration::from_secs_f64(seconds));
        assert_eq!(said(0.26), "0.3 s");
        assert_eq!(said(42.4), "42 s");
        assert_eq!(said(59.6), "1 min 00 s");
        assert_eq!(said(185.0), "3 min 05 s");
        assert_eq!(said(7700.0), "2 h 08 min");
    }

    #[test]
    fn a_slow_rate_is_told_per_minute_and_none_where_nothing_was_done() {
        let said = |count, seconds| rate(count, Duration::from_secs(seconds));
        assert_eq!(said(520, 10).as_deref(), Some("52 files/s"));
        assert_eq!(said(31, 10).as_deref(), Some("3.1 files/s"));
        assert_eq!(said(19, 60).as_deref(), Some("19 files/min"));
        assert_eq!(said(1, 120).as_deref(), Some("0.5 files/min"));
        assert_eq!(said(0, 10), None);
        assert_eq!(said(1, 0), None);
    }
}
