//! Pictures within a notebook, which is one file.
//!
//! They stand in the cell itself, as `<img src="data:…">`. An attachment of the
//! cell would be neater, but JupyterLab shows none that is SVG.

use crate::escape::escape;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mdbook_markdown::new_cmark_parser;
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// What a drawing takes from the page otherwise. A notebook's page may be dark,
/// and a picture can't know: it brings its own white paper.
const STYLE: &str = concat!(
    "svg{background:#fff;color:#1f2328;font-family:system-ui,sans-serif;",
    "--bg:#fff;--fg:#1f2328;--il-border:#c5ccd3;--il-muted:#444c56;",
    "--il-series-0:#1b5c9e;--il-series-1:#a34a00;--il-series-2:#2c7a3f}",
    include_str!("../../assets/chart.css")
);

/// An image of Markdown whose end has not come yet.
struct Image {
    range: Range<usize>,
    file: String,
    alt: String,
}

/// A chapter with the pictures whose files are in the book, seen from `folder`,
/// put into it.
///
/// # Errors
/// Says which file can't be read.
pub(crate) fn with_pictures(content: &str, folder: &Path) -> Result<String> {
    let mut text = String::with_capacity(content.len());
    let mut done = 0;
    let mut open: Option<Image> = None;
    let parser = new_cmark_parser(content, &super::prose::options());
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                open = Some(Image {
                    range,
                    file: dest_url.to_string(),
                    alt: String::new(),
                });
            }
            Event::Text(part) | Event::Code(part) => {
                if let Some(image) = &mut open {
                    image.alt.push_str(&part);
                }
            }
            Event::End(TagEnd::Image) => {
                if let Some(image) = open.take()
                    && let Some(tag) = image.tag(folder)?
                {
                    text.push_str(&content[done..image.range.start]);
                    text.push_str(&tag);
                    done = image.range.end;
                }
            }
            _ => {}
        }
    }
    text.push_str(&content[done..]);
    Ok(text)
}

impl Image {
    /// The picture itself; `None` if it is somewhere else, or no picture that
    /// every browser shows.
    fn tag(&self, folder: &Path) -> Result<Option<String>> {
        if self.file.contains(':') || self.file.starts_with('/') {
            return Ok(None);
        }
        let extension = Path::new(&self.file).extension().unwrap_or_default();
        let mime = match extension.to_string_lossy().to_ascii_lowercase().as_str() {
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "webp" => "image/webp",
            _ => return Ok(None),
        };
        let path = folder.join(&self.file);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if mime != "image/svg+xml" {
            return Ok(Some(tag(mime, &bytes, &self.alt)));
        }
        let svg = String::from_utf8_lossy(&bytes);
        svg_image(&svg, &self.alt)
            .map(Some)
            .with_context(|| path.display().to_string())
    }
}

/// A drawing as a picture that needs nothing of its page.
///
/// # Errors
/// When it is none.
pub(crate) fn svg_image(svg: &str, alt: &str) -> Result<String> {
    let start = svg.find("<svg").context("holds no <svg> element")?;
    let opened = svg[start..].find('>').context("holds no <svg> element")?;
    let (open, rest) = svg[start..].split_at(opened);
    let mut open = open.to_owned();
    if !open.contains(" width=")
        && let Some((width, height)) = size(&open)
    {
        open += &format!(" width=\"{width}\" height=\"{height}\"");
    }
    if !open.contains(" xmlns=") {
        open += " xmlns=\"http://www.w3.org/2000/svg\"";
    }
    let rest = rest.replacen('>', &format!("><style>{STYLE}</style>"), 1);
    let svg = format!("{open}{rest}");
    Ok(tag("image/svg+xml", svg.as_bytes(), alt))
}

/// The width and height of a drawing's view box.
fn size(open: &str) -> Option<(&str, &str)> {
    let (_, view_box) = open.split_once("viewBox=\"")?;
    let (view_box, _) = view_box.split_once('"')?;
    match view_box.split_whitespace().collect::<Vec<_>>()[..] {
        [_, _, width, height] => Some((width, height)),
        _ => None,
    }
}

fn tag(mime: &str, bytes: &[u8], alt: &str) -> String {
    let data = BASE64_STANDARD.encode(bytes);
    format!(
        "<img alt=\"{}\" src=\"data:{mime};base64,{data}\">",
        escape(alt)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_put_into_the_text() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.png"), b"png").unwrap();
        let text = with_pictures(
            "One ![a \"b\"](a.png) ![c](https://d.e/f.png) `![g](a.png)`.",
            folder.path(),
        );
        assert_eq!(
            text.unwrap(),
            "One <img alt=\"a &quot;b&quot;\" src=\"data:image/png;base64,cG5n\"> \
             ![c](https://d.e/f.png) `![g](a.png)`."
        );
    }

    #[test]
    fn a_picture_that_is_not_there_is_named() {
        let error = with_pictures("![a](gone.svg)", Path::new("/nowhere")).unwrap_err();
        assert!(error.to_string().contains("gone.svg"), "{error}");
    }

    #[test]
    fn a_drawing_brings_its_size_and_its_style() {
        let tag = svg_image(
            "<?xml?>\n<svg viewBox=\"0 0 30 20\"><title>t</title></svg>",
            "t",
        );
        let tag = tag.unwrap();
        let (_, data) = tag.split_once("base64,").unwrap();
        let svg = BASE64_STANDARD
            .decode(data.trim_end_matches("\">"))
            .unwrap();
        let svg = String::from_utf8(svg).unwrap();
        let start = "<svg viewBox=\"0 0 30 20\" width=\"30\" height=\"20\" \
                     xmlns=\"http://www.w3.org/2000/svg\"><style>svg{background:#fff;";
        assert!(svg.starts_with(start), "{svg}");
        assert!(svg.ends_with("</style><title>t</title></svg>"), "{svg}");
    }
}
