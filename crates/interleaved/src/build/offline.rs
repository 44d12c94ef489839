//! What keeps a site in its readers' browsers: a service worker that knows every file
//! of it, by a digest. It is written last, when nothing of the site changes any more.

use anyhow::{Context, Result};
use mdbook_interleaved::SERVICE_WORKER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The script's path in the site: it sees the requests of pages in and below its own
/// folder.
pub(super) const FILE: &str = "service-worker.js";

/// How many bytes of a digest tell files apart.
const DIGEST: usize = 16;

/// The version of a site, which its pages then name. `is_left_out` tells of a path
/// whether readers of a site on a host have no use for it, or fetch it when they want it.
///
/// # Errors
/// Says which file can't be read.
pub(super) fn version(site: &Path, is_left_out: &dyn Fn(&str) -> bool) -> Result<String> {
    let json = serde_json::to_string(&kept(site, is_left_out)?);
    Ok(digest(
        json.context("paths and digests are plain text")?.as_bytes(),
    ))
}

/// Writes the service worker of a site of this version.
///
/// # Errors
/// Says which file can't be read or written.
pub(super) fn write(site: &Path, version: &str, is_left_out: &dyn Fn(&str) -> bool) -> Result<()> {
    let files = kept(site, is_left_out)?;
    let json = serde_json::to_string(&files).context("paths and digests are plain text")?;
    let script = SERVICE_WORKER
        .replacen("__VERSION__", version, 1)
        .replacen("__FILES__", &json, 1);
    let file = site.join(FILE);
    fs::write(&file, script).with_context(|| format!("cannot write {}", file.display()))
}

/// The files of a site that its readers' browsers keep, with their digests.
fn kept(site: &Path, is_left_out: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    list(site, "", &mut files)?;
    files.retain(|path, _| {
        // What begins with a dot is the host's.
        let is_hidden = path.split('/').any(|part| part.starts_with('.'));
        path != FILE && path != "CNAME" && !is_hidden && !is_left_out(path)
    });
    Ok(files)
}

/// The files below a folder: their paths, with `/` from the site's root, and digests.
fn list(folder: &Path, place: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    let cannot = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let path = format!("{place}{}", entry.file_name().display());
        let file = entry.path();
        if file.is_dir() {
            list(&file, &format!("{path}/"), files)?;
        } else {
            let bytes = fs::read(&file);
            let bytes = bytes.with_context(|| format!("cannot read {}", file.display()))?;
            files.insert(path, digest(&bytes));
        }
    }
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..DIGEST]
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_worker_knows_every_file_and_changes_with_each() {
        let site = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = site.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("index.html", "abc");
        put("more/two & three.html", "");
        put(".nojekyll", "");
        put("left/out.js", "");
        let written = || {
            let is_left_out = |path: &str| path.starts_with("left/");
            let version = version(site.path(), &is_left_out).unwrap();
            write(site.path(), &version, &is_left_out).unwrap();
            fs::read_to_string(site.path().join(FILE)).unwrap()
        };
        let first = written();
        // As `sha256sum` has it.
        let files = "const FILES = {\"index.html\":\"ba7816bf8f01cfea414140de5dae2223\",\
                     \"more/two & three.html\":\"e3b0c44298fc1c149afbf4c8996fb924\"};";
        assert!(first.contains(files), "{first}");
        assert_eq!(written(), first, "it doesn't know itself");
        put("more/two & three.html", "changed");
        let told = |script: &str| {
            let line = script
                .lines()
                .find(|line| line.starts_with("const VERSION"));
            line.unwrap().to_owned()
        };
        assert_ne!(told(&written()), told(&first));
        assert!(!first.contains("__"), "{first}");
    }
}
