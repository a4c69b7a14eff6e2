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

/// Seconds by which clocks may differ.
pub(crate) const CLOCKS_SECONDS: i64 = 300;

/// Whether a date is later than `now`, in seconds since the epoch: nothing that is read was made after it was read, so that
/// the date tells nothing.
pub(crate) fn is_future(time: Time, now: i64) -> bool {
    time.seconds().saturating_sub(now) > CLOCKS_SECONDS
}

/// When it was written, as far as its dates tell: the author's date, or the committer's where that one is in the future.
pub(crate) fn written(authored: Time, committed: Time, now: i64) -> Option<Time> {
    [authored, committed].into_iter().find(|time| !is_future(*time, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_in_the_future_tells_nothing() {
        let time = |seconds: i64| Time::new(seconds, 0);
        assert_eq!(written(time(900), time(950), 1_000), Some(time(900)));
        assert_eq!(written(time(1_200), time(950), 1_000), Some(time(1_200)), "the clocks differ");
        assert_eq!(written(time(4_070_908_800), time(950), 1_000), Some(time(950)));
        assert_eq!(written(time(4_070_908_800), time(i64::MAX), 1_000), None);
        assert_eq!(written(time(i64::MIN), time(i64::MIN), 1_000), Some(time(i64::MIN)));
    }

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
