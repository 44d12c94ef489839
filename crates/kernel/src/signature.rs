//! How messages are signed, so that nobody without the connection file's key
//! can have the kernel run anything.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol>

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The only scheme there is in practice, as a connection file names it.
pub(crate) const SCHEME: &str = "hmac-sha256";

/// Signs messages with a key, or not at all.
#[derive(Clone)]
pub(crate) struct Signer(Option<Hmac<Sha256>>);

impl Signer {
    /// "If no key is provided, messages are not signed": an empty one is none.
    ///
    /// # Panics
    /// Never: a key for this may have any length.
    pub(crate) fn new(key: &str) -> Signer {
        let keyed = || Hmac::new_from_slice(key.as_bytes()).expect("any length will do");
        Signer((!key.is_empty()).then(keyed))
    }

    /// The signature of a message's parts: hexadecimal, empty if unsigned.
    pub(crate) fn sign<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> String {
        let Some(mac) = self.mac_of(parts) else {
            return String::new();
        };
        let bytes = mac.finalize().into_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this is the parts' signature. Takes the same time wherever it
    /// differs.
    pub(crate) fn verify<'a>(
        &self,
        signature: &[u8],
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> bool {
        let Some(mac) = self.mac_of(parts) else {
            return true;
        };
        bytes_of(signature).is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }

    fn mac_of<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Hmac<Sha256>> {
        let mut mac = self.0.clone()?;
        for part in parts {
            mac.update(part);
        }
        Some(mac)
    }
}

/// What is written in hexadecimal, in small letters as everyone writes it.
fn bytes_of(hexadecimal: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = hexadecimal.as_chunks();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2, in two parts.
    #[test]
    fn signatures_are_hmac_sha256() {
        let signer = Signer::new("Jefe");
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signer.sign(parts), expected);
        assert!(signer.verify(expected.as_bytes(), parts));
        for wrong in [
            "",
            "5b",
            &expected[1..],
            &expected[..62],
            &expected.to_uppercase(),
            &expected.replace('5', "6"),
            &format!("{expected}00"),
            "zz",
        ] {
            assert!(!signer.verify(wrong.as_bytes(), parts), "{wrong}");
        }
        let others: [&[u8]; 1] = [b"what do ya want for something?"];
        assert!(!signer.verify(expected.as_bytes(), others));
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let signer = Signer::new("");
        assert_eq!(signer.sign([&b"anything"[..]]), "");
        assert!(signer.verify(b"", [&b"anything"[..]]));
    }
}
