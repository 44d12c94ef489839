//! What lets a site be read from a file system. A browser doesn't let a page that was
//! opened as a file read other files, but it runs scripts: so for what a page reads or
//! hands out there is a script beside it that gives it the same.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// What pages read, and the notebooks, which they hand out.
const KINDS: [&str; 2] = [".json", ".ipynb"];

/// Writes a script beside each of these files of a site.
///
/// # Errors
/// Says which file can't be read or written.
pub(super) fn write(site: &Path) -> Result<()> {
    let cannot = || format!("cannot read {}", site.display());
    for entry in fs::read_dir(site).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.is_dir() {
            write(&path)?;
            continue;
        }
        let name = path.display().to_string();
        if !KINDS.iter().any(|kind| name.ends_with(kind)) {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        // JSON's strings are JavaScript's. By its own address, it is known to who asks.
        let text = serde_json::to_string(&text).context("a text is plain data")?;
        let script =
            format!("(window.interleaved.given ??= {{}})[document.currentScript.src] = {text};\n");
        fs::write(format!("{name}.js"), script)
            .with_context(|| format!("cannot write {name}.js"))?;
    }
    Ok(())
}

/// Whether a file of a site is such a script.
pub(super) fn is_one(path: &str) -> bool {
    let beside = path.strip_suffix(".js");
    beside.is_some_and(|beside| KINDS.iter().any(|kind| beside.ends_with(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_reads_is_there_as_a_script() {
        let site = tempfile::tempdir().unwrap();
        let folder = site.path().join("outcomes");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("one.json"), "{\"text\": \"</script>\\n\"}").unwrap();
        fs::write(site.path().join("one.html"), "").unwrap();
        write(site.path()).unwrap();
        let script = fs::read_to_string(folder.join("one.json.js")).unwrap();
        assert!(
            script.ends_with("= \"{\\\"text\\\": \\\"</script>\\\\n\\\"}\";\n"),
            "{script}"
        );
        assert!(!site.path().join("one.html.js").exists());
        assert!(is_one("outcomes/one.json.js") && !is_one("book.js"));
    }
}
