//! A message's header, and the ids and dates that go into one.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#message-header>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The version of the messaging protocol that the kernel speaks.
pub const PROTOCOL_VERSION: &str = "5.4";

/// What identifies a message. A reply gives its request's header back as its
/// `parent_header`, so fields that we don't know are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Unique for each message.
    pub msg_id: String,
    /// What kind of message it is, for instance `execute_request`.
    pub msg_type: String,
    /// Unique for each client, and for each start of the kernel.
    #[serde(default)]
    pub session: String,
    /// Who sent it.
    #[serde(default)]
    pub username: String,
    /// When it was made, in ISO 8601. Not parsed: nothing depends on it.
    #[serde(default)]
    pub date: String,
    /// The version of the messaging protocol.
    #[serde(default)]
    pub version: String,
    /// All other fields.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Header {
    /// A new header of that type, sent by the kernel in that session.
    pub fn new(msg_type: &str, session: &str) -> Header {
        Header {
            msg_id: new_id(),
            msg_type: msg_type.to_owned(),
            session: session.to_owned(),
            username: "kernel".to_owned(),
            date: now(),
            version: PROTOCOL_VERSION.to_owned(),
            other: Map::new(),
        }
    }
}

/// A random UUID (version 4), as kernels, sessions and messages are named.
///
/// # Panics
/// When the operating system has no random numbers to give, without which
/// nothing here is safe.
pub fn new_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        number >> 80 & 0xffff,
        number >> 64 & 0xffff,
        number >> 48 & 0xffff,
        number & 0xffff_ffff_ffff,
    )
}

/// The present, in UTC, as Jupyter writes it: `2026-01-31T23:59:59.123456Z`.
pub fn now() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    date(since_epoch.unwrap_or_default())
}

fn date(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        since_epoch.subsec_micros(),
    )
}

/// Year, month and day of the day that is `days` after 1970-01-01, in the
/// Gregorian calendar. Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_iso_8601_in_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_767_225_600, "2026-01-01T00:00:00.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(date(Duration::from_secs(seconds)), expected);
        }
        assert_eq!(
            date(Duration::from_micros(1_500_000)),
            "1970-01-01T00:00:01.500000Z"
        );
    }

    #[test]
    fn ids_are_random_uuids() {
        let id = new_id();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(id, new_id());
    }

    #[test]
    fn a_header_is_given_back_as_it_came() {
        let sent = json!({
            "msg_id": "1", "msg_type": "execute_request", "session": "s",
            "username": "", "date": "2026-01-01T00:00+01", "version": "5.4",
            "subshell_id": null,
        });
        let header: Header = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(header).unwrap(), sent);
    }
}
