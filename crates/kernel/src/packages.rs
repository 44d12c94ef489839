//! What an installed kernel builds programs with: packages that are brought along,
//! and built by cargo when they are first needed.

use crate::prepared::{LookAlikes, Prepared};
use crate::workshop::Workshop;
use cargo_outcomes::{Modelled, packages};
use runner::Limits;

/// A workshop that builds with them. Nothing is done before it is needed.
///
/// # Errors
/// Says in one sentence why there is no place for them.
pub fn workshop(limits: Limits) -> Result<Workshop, String> {
    packages::cache()?;
    let look_alikes = LookAlikes::new(|tell| Modelled::brought_along(tell));
    let version = Prepared::new(|_| runner::cargo::rustc_version().map_err(|e| e.to_string()));
    let builder = Prepared::new(|tell| packages::builder(tell));
    Ok(Workshop::to_be_prepared(
        builder,
        version,
        limits,
        look_alikes,
    ))
}
