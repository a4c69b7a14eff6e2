//! Git's dates, in the offset in which they were made.

use git2::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// The moment in its own offset.
///
/// Git stores any number. A moment or an offset that no calendar has is moved to the nearest that it has: a date in the
/// year 9999 shows that something is wrong, and the rest of the history stays readable.
pub(crate) fn zoned(time: Time) -> Zoned {
    let offset = Offset::from_seconds(time.offset_minutes().saturating_mul(60)).unwrap_or(Offset::UTC);
    let seconds = time.seconds().clamp(Timestamp::MIN.as_second() + 200_000, Timestamp::MAX.as_second() - 200_000);
    Timestamp::from_second(seconds).unwrap_or_default().to_zoned(TimeZone::fixed(offset))
}

/// RFC 3339 with the offset, to the second.
pub(crate) fn rfc3339(time: Time) -> String {
    zoned(time).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_own_offset() {
        assert_eq!(rfc3339(Time::new(1_700_000_000, -300)), "2023-11-14T17:13:20-05:00");
        assert_eq!(rfc3339(Time::new(0, 0)), "1970-01-01T00:00:00+00:00");
    }

    #[test]
    fn absurd_dates_do_not_stop_the_reading() {
        for time in [Time::new(i64::MAX, 0), Time::new(i64::MIN, 0), Time::new(1, i32::MAX), Time::new(1, -5_000)] {
            assert!(rfc3339(time).contains('T'));
        }
    }
}
