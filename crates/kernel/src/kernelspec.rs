//! What the kernel is called, and what a front end shows of it before it runs.

use crate::content::{HelpLink, KernelInfoReply, LanguageInfo, Ok};
use crate::header::PROTOCOL_VERSION;
use serde_json::{Value, json};

/// The kernel's name in URLs and files.
pub const NAME: &str = "interleaved";

/// The kernel's name for people.
pub const DISPLAY_NAME: &str = "Rust (Interleaved)";

/// The kernel's logo, an SVG image.
pub const LOGO_SVG: &str = include_str!("kernelspec/logo-svg.svg");

/// The kernel's logos, by the names of their files in a kernelspec's folder.
/// The pictures are made from the drawing.
pub const LOGOS: [(&str, &[u8]); 3] = [
    ("logo-svg.svg", LOGO_SVG.as_bytes()),
    (
        "logo-32x32.png",
        include_bytes!("kernelspec/logo-32x32.png"),
    ),
    (
        "logo-64x64.png",
        include_bytes!("kernelspec/logo-64x64.png"),
    ),
];

/// The kernelspec, as in `kernel.json`, of a kernel started with `argv`.
/// <https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs>
pub fn kernelspec(argv: &[&str]) -> Value {
    json!({
        "argv": argv,
        "display_name": DISPLAY_NAME,
        "language": "rust",
        "interrupt_mode": "message",
        "env": {},
        "metadata": {"debugger": true},
    })
}

/// The answer to `kernel_info_request`, where cells are compiled by the
/// compiler that calls itself `rustc_version`.
pub(crate) fn kernel_info(rustc_version: &str) -> KernelInfoReply {
    let version = env!("CARGO_PKG_VERSION");
    KernelInfoReply {
        status: Ok::Ok,
        protocol_version: PROTOCOL_VERSION,
        implementation: NAME,
        implementation_version: version,
        language_info: LanguageInfo {
            name: "rust",
            // "rustc 1.95.0 (59807616e 2026-04-14)"
            version: rustc_version
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .to_owned(),
            // As JupyterLab calls it.
            mimetype: "text/x-rustsrc",
            file_extension: ".rs",
            pygments_lexer: "rust",
            codemirror_mode: "rust",
        },
        banner: format!(
            "{DISPLAY_NAME} {version}: a cell with a main function is run as a program"
        ),
        help_links: vec![HelpLink {
            text: "Rust's standard library",
            url: "https://doc.rust-lang.org/std/",
        }],
    }
}
