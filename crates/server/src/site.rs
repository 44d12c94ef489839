//! The book's pages, in memory: a rebuild replaces them all at once, and one
//! that fails replaces nothing.

use super::{Server, guard};
use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// The name under which a page finds the version of the site that it is of.
const VERSION: &str = "interleaved-site";

/// Every file of a built book, by its path without a leading slash.
#[derive(Debug, Default)]
pub(super) struct Site {
    files: HashMap<String, File>,
    version: String,
}

#[derive(Clone, Debug)]
struct File {
    content_type: &'static str,
    bytes: Bytes,
    /// A page's content security policy.
    policy: Option<HeaderValue>,
}

impl Site {
    /// Reads a built book.
    ///
    /// # Errors
    /// Says which file can't be read.
    pub(super) fn read(root: &Path) -> Result<Site> {
        let mut contents = BTreeMap::new();
        read_folder(root, "", &mut contents)?;
        let version = version(&contents);
        let file = |(name, bytes): (String, Vec<u8>)| {
            let bytes = match content_type(Path::new(&name)) {
                HTML => with_version(&bytes, &version),
                _ => bytes,
            };
            let file = File::new(Path::new(&name), bytes);
            (name, file)
        };
        let files = contents.into_iter().map(file).collect();
        Ok(Site { files, version })
    }

    /// Differs when anything in the site does.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Takes a file in, in place of the one with this path if there is one.
    pub(super) fn put(&mut self, path: String, bytes: Vec<u8>) {
        let file = File::new(Path::new(&path), bytes);
        self.files.insert(path, file);
    }

    fn get(&self, path: &str) -> Option<&File> {
        let path = path.trim_start_matches('/');
        let index = match path {
            "" => "index.html".to_owned(),
            folder => format!("{}/index.html", folder.trim_end_matches('/')),
        };
        self.files.get(path).or_else(|| self.files.get(&index))
    }
}

fn version(contents: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in contents {
        for part in [name.as_bytes(), bytes] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    BASE64_STANDARD.encode(&hash.finalize()[..12])
}

/// A page that says of which version it is.
fn with_version(html: &[u8], version: &str) -> Vec<u8> {
    let html = String::from_utf8_lossy(html);
    let meta = format!("<meta name=\"{VERSION}\" content=\"{version}\"></head>");
    html.replacen("</head>", &meta, 1).into_bytes()
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    contents: &mut BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    let cannot_read = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot_read)? {
        let path = entry.with_context(cannot_read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), contents)?;
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        contents.insert(name, bytes);
    }
    Ok(())
}

impl File {
    fn new(path: &Path, bytes: Vec<u8>) -> File {
        let content_type = content_type(path);
        let policy = (content_type == HTML).then(|| {
            let html = String::from_utf8_lossy(&bytes);
            let policy = guard::policy(&script_hashes(&html), has_base(&html));
            HeaderValue::try_from(policy).expect("hashes are plain text")
        });
        File {
            content_type,
            bytes: bytes.into(),
            policy,
        }
    }

    fn response(&self, status: StatusCode) -> Response {
        let mut response = Response::new(Body::from(self.bytes.clone()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        // The next build may differ.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(policy) = &self.policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        }
        response
    }
}

const HTML: &str = "text/html; charset=utf-8";

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    match &*extension.to_ascii_lowercase() {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "ipynb" => "application/x-ipynb+json",
        "rs" | "txt" | "md" | "toml" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        _ => "application/octet-stream",
    }
}

/// The hashes of a page's inline scripts, as a content security policy names
/// them. mdBook writes a handful into every page; the same build that wrote
/// them is what vouches for them here.
fn script_hashes(html: &str) -> BTreeSet<String> {
    let mut hashes = BTreeSet::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        rest = &rest[start + "<script".len()..];
        let Some((attributes, after)) = rest.split_once('>') else {
            break;
        };
        let Some((script, after)) = after.split_once("</script>") else {
            break;
        };
        rest = after;
        if !attributes.contains("src=") {
            let hash = BASE64_STANDARD.encode(Sha256::digest(script));
            hashes.insert(format!("sha256-{hash}"));
        }
    }
    hashes
}

/// Whether a page says where its addresses begin.
fn has_base(html: &str) -> bool {
    let head = html.split("</head>").next();
    head.is_some_and(|head| head.contains("<base "))
}

/// Answers whatever no other route does.
pub(super) async fn serve(State(server): State<Arc<Server>>, method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let site = server
        .site
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let path = percent_decode_str(uri.path()).decode_utf8_lossy();
    let explored = server
        .explored
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .files
        .get(path.trim_start_matches('/'))
        .cloned();
    if let Some(file) = explored.as_ref().or_else(|| site.get(&path)) {
        return file.response(StatusCode::OK);
    }
    match site.get("404.html") {
        Some(page) => page.response(StatusCode::NOT_FOUND),
        None => (StatusCode::NOT_FOUND, "There is no such page.").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_known_by_their_hashes() {
        let html = "<script>alert('Hello, world.');</script>\
                    <script src=\"a.js\"></script><script type=\"module\">1</script>";
        let hashes = script_hashes(html);
        // The specification's own example: <https://www.w3.org/TR/CSP3/#external-hash>
        assert!(
            hashes.contains("sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="),
            "{hashes:?}"
        );
        assert_eq!(hashes.len(), 2, "not the one with a source");
    }

    #[test]
    fn only_a_page_with_a_base_may_have_one() {
        let policy = |html: &str| {
            let file = File::new(Path::new("a.html"), html.as_bytes().to_vec());
            file.policy.unwrap().to_str().unwrap().to_owned()
        };
        let lost = policy("<head><base href=\"/\"></head><body></body>");
        assert!(lost.contains("base-uri 'self';"), "{lost}");
        let page = policy("<head></head><body><base href=\"/\"></body>");
        assert!(page.contains("base-uri 'none';"), "{page}");
    }

    #[test]
    fn a_page_tells_its_sites_version() {
        let contents = |text: &str| BTreeMap::from([("a.css".to_owned(), text.into())]);
        let one = version(&contents("one"));
        assert_eq!(one, version(&contents("one")));
        assert_ne!(one, version(&contents("two")));
        let html = with_version(b"<head></head><body></head></body>", &one);
        let html = String::from_utf8(html).unwrap();
        let meta = format!("<meta name=\"interleaved-site\" content=\"{one}\">");
        assert_eq!(html, format!("<head>{meta}</head><body></head></body>"));
    }

    #[test]
    fn folders_have_an_index() {
        let file = |name: &str| (name.to_owned(), File::new(Path::new(name), Vec::new()));
        let site = Site {
            files: HashMap::from([file("index.html"), file("a/index.html"), file("b.rs")]),
            version: String::new(),
        };
        for path in ["/", "/index.html", "/a", "/a/", "/a/index.html", "/b.rs"] {
            assert!(site.get(path).is_some(), "{path}");
        }
        assert!(site.get("/c").is_none());
        assert!(site.get("/../index.html").is_none());
        assert_eq!(
            site.get("/b.rs").unwrap().content_type,
            "text/plain; charset=utf-8"
        );
    }
}
