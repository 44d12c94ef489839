//! The machine on which outputs are recorded: `outputs/machine.toml`.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::env::consts;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// What measurements depend on, and the compiler whose words were recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// What `rustc --version` says.
    pub rustc: String,
    /// The processor's model.
    pub processor: String,
    /// How many threads can run at the same time.
    pub cores: usize,
    /// The operating system.
    pub system: String,
    /// The day of recording, as in 2026-04-14.
    pub date: String,
    /// All of this as the page shows it.
    pub description: String,
}

impl Machine {
    /// This machine, today.
    pub fn here(rustc_version: &str) -> Machine {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let processor = processor();
        let system = system();
        let date = date(SystemTime::now());
        let description = format!(
            "{processor}, {cores} {}, {system}, {}, {date}",
            if cores == 1 { "core" } else { "cores" },
            rustc_version.split(" (").next().unwrap_or(rustc_version),
        );
        Machine {
            rustc: rustc_version.to_owned(),
            processor,
            cores,
            system,
            date,
            description,
        }
    }

    /// Reads what was recorded, if anything was.
    ///
    /// # Errors
    /// When the file is none of ours.
    pub fn read(file: &Path) -> Result<Option<Machine>> {
        let Ok(text) = fs::read_to_string(file) else {
            return Ok(None);
        };
        let machine =
            toml::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Some(machine))
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = format!(
            "# Written by `interleaved record`: where the outputs come from.\n{}",
            toml::to_string(self).context("a machine is plain data")?
        );
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

fn processor() -> String {
    let named = if cfg!(target_os = "macos") {
        first_line(Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]))
    } else {
        value_in("/proc/cpuinfo", "model name", ':')
    };
    named.unwrap_or_else(|| consts::ARCH.to_owned())
}

fn system() -> String {
    let named = if cfg!(target_os = "macos") {
        first_line(Command::new("sw_vers").arg("-productVersion")).map(|it| format!("macOS {it}"))
    } else {
        value_in("/etc/os-release", "PRETTY_NAME", '=')
            .map(|name| name.trim_matches('"').to_owned())
    };
    named.unwrap_or_else(|| consts::OS.to_owned())
}

/// The first value of a key in a file of keys and values.
fn value_in(file: &str, key: &str, separator: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(separator))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim().to_owned())
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}

/// The day in UTC, by Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn date(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    // Days since 1 March of the year 0, when a leap day is the year's last.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_day_has_its_date() {
        let on = |days: u64| date(UNIX_EPOCH + Duration::from_secs(days * 86_400 + 3600));
        assert_eq!(on(0), "1970-01-01");
        assert_eq!(on(11_016), "2000-02-29");
        assert_eq!(on(11_017), "2000-03-01");
        assert_eq!(on(20_557), "2026-04-14");
    }
}
