//! The book as an EPUB 3: <https://www.w3.org/TR/epub-33/>. A zip of its chapters,
//! and of files that say what it holds and in which order.

use super::chapters::Paper;
use super::front;
use super::stylesheet;
use super::xhtml::{escape, replaced, slug, with_attribute};
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\
    <rootfiles><rootfile full-path=\"EPUB/package.opf\" \
    media-type=\"application/oebps-package+xml\"/></rootfiles></container>\n";

/// A file in it.
struct File {
    name: String,
    media: &'static str,
    /// What the package says of it, like `nav`.
    properties: Vec<&'static str>,
    /// Whether it is read, in its turn.
    in_spine: bool,
    bytes: Vec<u8>,
}

/// Makes it.
///
/// # Errors
/// Says which picture can't be read.
pub(super) fn make(paper: &Paper) -> Result<Vec<u8>> {
    let files = files(paper)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // First, and as it is: so says the standard.
    zip.start_file("mimetype", stored)?;
    zip.write_all(b"application/epub+zip")?;
    zip.start_file("META-INF/container.xml", deflated)?;
    zip.write_all(CONTAINER.as_bytes())?;
    zip.start_file("EPUB/package.opf", deflated)?;
    zip.write_all(package(paper, &files).as_bytes())?;
    for file in &files {
        zip.start_file(format!("EPUB/{}", file.name), deflated)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn files(paper: &Paper) -> Result<Vec<File>> {
    let mut files = vec![File {
        name: "style.css".to_owned(),
        media: "text/css",
        properties: Vec::new(),
        in_spine: false,
        bytes: format!("{}{}", stylesheet::SHARED, stylesheet::EPUB).into_bytes(),
    }];
    // A picture that every reader shows, if there is one.
    let cover = match (&paper.cover_as_png, &paper.cover) {
        (Some(png), _) => Some(("cover.png", "image/png", png.clone())),
        (None, Some(svg)) => Some(("cover.svg", "image/svg+xml", svg.clone().into_bytes())),
        (None, None) => None,
    };
    if let Some((name, media, bytes)) = cover {
        files.push(File {
            name: name.to_owned(),
            media,
            properties: vec!["cover-image"],
            in_spine: false,
            bytes,
        });
        let body = format!(
            "<section class=\"cover\" epub:type=\"cover\"><img src=\"{name}\" alt=\"{}\"/></section>",
            escape(&paper.title)
        );
        files.push(page(paper, "cover", &paper.title, &body)?);
    }
    files.push(page(
        paper,
        "title",
        &paper.title,
        &front::title_page(paper),
    )?);
    let contents = format!(
        "<nav epub:type=\"toc\" id=\"toc\"><h1>Contents</h1>{}</nav>",
        front::contents(paper)
    );
    let mut contents = page(paper, "nav", "Contents", &contents)?;
    contents.properties.push("nav");
    files.push(contents);
    for part in &paper.parts {
        if let Some(title) = &part.title {
            files.push(page(
                paper,
                &part.name,
                title,
                &front::part_page(part, title),
            )?);
        }
        for chapter in &part.chapters {
            files.push(page(paper, &chapter.name, &chapter.title, &chapter.body)?);
        }
    }
    for (name, path) in &paper.pictures {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push(File {
            name: format!("pictures/{name}"),
            media: media(name).with_context(|| {
                format!(
                    "{}: an EPUB can't show such pictures: make it SVG, PNG, JPEG, GIF or WebP",
                    path.display()
                )
            })?,
            properties: Vec::new(),
            in_spine: false,
            bytes,
        });
    }
    Ok(files)
}

fn media(name: &str) -> Option<&'static str> {
    let extension = Path::new(name).extension()?.to_str()?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => return None,
    })
}

fn page(paper: &Paper, name: &str, title: &str, body: &str) -> Result<File> {
    // Pages have no numbers: each reader makes his own.
    let body = replaced(body, "<span class=\"page-of\"", "</span>", |_| {
        Ok(String::new())
    })?;
    let body = with_attribute(&body, "href", |href| {
        Ok(match href.strip_prefix("paper:") {
            Some(place) => match place.split_once('#') {
                Some((chapter, id)) => format!("{chapter}.xhtml#{id}"),
                None => format!("{place}.xhtml"),
            },
            None => href.to_owned(),
        })
    })?;
    let body = with_attribute(&body, "src", |src| {
        Ok(src.replacen("paper-picture:", "pictures/", 1))
    })?;
    let language = escape(&paper.language);
    let html = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         lang=\"{language}\" xml:lang=\"{language}\"><head><meta charset=\"UTF-8\"/>\
         <title>{}</title><link rel=\"stylesheet\" type=\"text/css\" href=\"style.css\"/></head>\n\
         <body>\n{body}\n</body></html>\n",
        escape(title)
    );
    Ok(File {
        name: format!("{name}.xhtml"),
        media: "application/xhtml+xml",
        properties: match body.contains("<svg") {
            true => vec!["svg"],
            false => Vec::new(),
        },
        in_spine: true,
        bytes: html.into_bytes(),
    })
}

/// What the book is and holds.
fn package(paper: &Paper, files: &[File]) -> String {
    let identifier = match &paper.address {
        Some(address) => address.clone(),
        None => format!("urn:mdbook:{}", slug(&paper.title)),
    };
    let mut opf = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" \
         xml:lang=\"{language}\">\n<metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <dc:identifier id=\"id\">{}</dc:identifier>\n<dc:title>{}</dc:title>\n\
         <dc:language>{language}</dc:language>\n",
        escape(&identifier),
        escape(&paper.title),
        language = escape(&paper.language),
    );
    if !paper.description.is_empty() {
        let _ = writeln!(
            opf,
            "<dc:description>{}</dc:description>",
            escape(&paper.description)
        );
    }
    for author in &paper.authors {
        let _ = writeln!(opf, "<dc:creator>{}</dc:creator>", escape(author));
    }
    let _ = writeln!(
        opf,
        "<meta property=\"dcterms:modified\">{}</meta>",
        timestamp(modified())
    );
    for (property, value) in [
        ("accessMode", "textual"),
        ("accessMode", "visual"),
        ("accessModeSufficient", "textual"),
        ("accessibilityFeature", "structuralNavigation"),
        ("accessibilityFeature", "tableOfContents"),
        ("accessibilityFeature", "alternativeText"),
        ("accessibilityHazard", "none"),
    ] {
        let _ = writeln!(opf, "<meta property=\"schema:{property}\">{value}</meta>");
    }
    opf += "</metadata>\n<manifest>\n";
    for (index, file) in files.iter().enumerate() {
        let properties = match file.properties.join(" ") {
            none if none.is_empty() => none,
            some => format!(" properties=\"{some}\""),
        };
        let _ = writeln!(
            opf,
            "<item id=\"file-{index}\" href=\"{}\" media-type=\"{}\"{properties}/>",
            escape(&file.name),
            file.media
        );
    }
    opf += "</manifest>\n<spine>\n";
    for (index, file) in files.iter().enumerate() {
        if file.in_spine {
            let _ = writeln!(opf, "<itemref idref=\"file-{index}\"/>");
        }
    }
    opf + "</spine>\n</package>\n"
}

/// When the book was made, in seconds since 1970: what `SOURCE_DATE_EPOCH` says, as
/// <https://reproducible-builds.org/specs/source-date-epoch/> has it, or now.
fn modified() -> u64 {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok();
    let given = given.and_then(|seconds| seconds.parse().ok());
    given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |it| it.as_secs())
    })
}

/// `2026-11-29T19:20:00Z`.
fn timestamp(seconds: u64) -> String {
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_the_standard_wants_it() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
