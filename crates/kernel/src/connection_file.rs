//! The connection file, in which a front end says where the kernel listens and
//! how messages are signed.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files>

use crate::signature::SCHEME;
use serde::Deserialize;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// What a connection file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFile {
    /// Where the sockets are.
    pub(crate) place: Place,
    pub(crate) shell: u16,
    pub(crate) control: u16,
    pub(crate) stdin: u16,
    pub(crate) iopub: u16,
    pub(crate) heartbeat: u16,
    /// What messages are signed with; empty if they aren't.
    pub(crate) key: String,
}

/// Where sockets are; a port is added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An address of this machine.
    Tcp(IpAddr),
    /// The beginning of a socket file's path.
    Ipc(String),
}

/// As it is written.
#[derive(Deserialize)]
struct Written {
    #[serde(default = "tcp")]
    transport: String,
    ip: String,
    shell_port: u16,
    control_port: u16,
    stdin_port: u16,
    iopub_port: u16,
    hb_port: u16,
    #[serde(default)]
    key: String,
    #[serde(default = "scheme")]
    signature_scheme: String,
}

fn tcp() -> String {
    "tcp".to_owned()
}

fn scheme() -> String {
    SCHEME.to_owned()
}

impl ConnectionFile {
    /// Reads a connection file.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with it.
    pub fn load(file: &Path) -> Result<ConnectionFile, String> {
        let read = fs::read(file).map_err(|error| error.to_string());
        let connection = read.and_then(|text| ConnectionFile::read(&text));
        connection.map_err(|error| format!("the connection file {}: {error}", file.display()))
    }

    fn read(text: &[u8]) -> Result<ConnectionFile, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if !written.key.is_empty() && written.signature_scheme != SCHEME {
            return Err(format!(
                "its signature_scheme is {:?}, and this kernel knows only {SCHEME}",
                written.signature_scheme
            ));
        }
        let place = match written.transport.as_str() {
            "tcp" => Place::Tcp(address(&written.ip)?),
            "ipc" => Place::Ipc(written.ip),
            other => {
                return Err(format!(
                    "its transport is {other:?}, and this kernel knows only tcp and ipc"
                ));
            }
        };
        let connection = ConnectionFile {
            place,
            shell: written.shell_port,
            control: written.control_port,
            stdin: written.stdin_port,
            iopub: written.iopub_port,
            heartbeat: written.hb_port,
            key: written.key,
        };
        connection.check()?;
        Ok(connection)
    }

    fn check(&self) -> Result<(), String> {
        if self.ports().contains(&0) {
            return Err("one of its ports is 0, so that nobody could find it".to_owned());
        }
        if self.key.is_empty() && !self.is_local() {
            return Err(
                "it has no key and an address that other machines can reach, so that anyone \
                 there could run anything here: give it a key"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn ports(&self) -> [u16; 5] {
        [
            self.shell,
            self.control,
            self.stdin,
            self.iopub,
            self.heartbeat,
        ]
    }

    /// Whether only this machine can connect.
    pub fn is_local(&self) -> bool {
        match &self.place {
            Place::Tcp(ip) => ip.is_loopback(),
            Place::Ipc(_) => true,
        }
    }
}

/// An address as ZeroMQ writes them: `*` is any.
fn address(ip: &str) -> Result<IpAddr, String> {
    if ip == "*" {
        return Ok(Ipv4Addr::UNSPECIFIED.into());
    }
    let no_such = |error: io::Error| format!("its ip, {ip:?}, is none of this machine: {error}");
    let bare = ip.trim_start_matches('[').trim_end_matches(']');
    let mut found = (bare, 0).to_socket_addrs().map_err(no_such)?;
    let address = found
        .next()
        .ok_or_else(|| no_such(io::ErrorKind::NotFound.into()))?;
    Ok(address.ip())
}

impl Place {
    /// The file of the socket on that port, if it is one.
    pub(crate) fn socket_file(&self, port: u16) -> Option<PathBuf> {
        match self {
            Place::Tcp(_) => None,
            Place::Ipc(path) => Some(format!("{path}-{port}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written() -> Value {
        json!({
            "transport": "tcp", "ip": "127.0.0.1", "key": "secret",
            "signature_scheme": "hmac-sha256", "kernel_name": "interleaved",
            "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5,
        })
    }

    fn with(field: &str, value: Value) -> Result<ConnectionFile, String> {
        let mut file = written();
        file[field] = value;
        ConnectionFile::read(file.to_string().as_bytes())
    }

    #[test]
    fn it_says_where_and_how() {
        let file = with("ip", "127.0.0.1".into()).unwrap();
        assert_eq!(file.place, Place::Tcp(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(file.ports(), [1, 4, 3, 2, 5]);
        assert!(file.is_local());
        assert!(!with("ip", "*".into()).unwrap().is_local());
        assert!(with("ip", "::1".into()).unwrap().is_local());
        assert!(with("key", "".into()).unwrap().key.is_empty());
    }

    #[test]
    fn sockets_can_be_files() {
        let mut file = written();
        file["transport"] = "ipc".into();
        file["ip"] = "/run/k".into();
        let file = ConnectionFile::read(file.to_string().as_bytes()).unwrap();
        assert_eq!(file.place.socket_file(7), Some("/run/k-7".into()));
    }

    #[test]
    fn what_is_wrong_is_said_in_a_sentence() {
        let error = |field, value| with(field, value).unwrap_err();
        assert!(error("shell_port", 0.into()).contains("0"));
        assert!(error("shell_port", 70_000.into()).contains("70000"));
        assert!(error("transport", "udp".into()).contains("udp"));
        assert!(error("signature_scheme", "hmac-md5".into()).contains("hmac-md5"));
        assert!(error("ip", "no such host".into()).contains("no such host"));
        assert!(ConnectionFile::read(b"{}").unwrap_err().contains("ip"));

        let mut open = written();
        open["ip"] = "0.0.0.0".into();
        open["key"] = "".into();
        let error = ConnectionFile::read(open.to_string().as_bytes()).unwrap_err();
        assert!(error.contains("give it a key"), "{error}");
    }
}
