//! Where a program may read and write (Landlock).
//!
//! That is all under a few folders, and nothing anywhere else; nor may it
//! signal who isn't bound so. Rights that a kernel doesn't know yet it doesn't
//! bound either; before Linux 5.13 it knows none.

use crate::supervisor::Order;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The system's programs and libraries, and what these look up.
const SYSTEM: &[&str] = &[
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/usr",
    "/opt",
    // Other ways to lay out a system: Nix, Guix.
    "/nix/store",
    "/gnu/store",
    "/run/current-system",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/locale.alias",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/ssl",
    // What the machine is like: how many processors, how much memory. Those of
    // other programs hide their memory and more.
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm",
];

/// What resolving the names of other machines needs.
const NETWORK: &[&str] = &[
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/run/systemd/resolve",
];

/// The devices that are there for everyone.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// The newest rights that this knows to bound.
const NEWEST: ABI = ABI::V6;

/// Where a program may read and write.
pub(crate) struct Paths {
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    devices: Vec<PathBuf>,
    network: bool,
    wanted: bool,
}

impl Paths {
    pub(crate) fn of(order: &Order) -> Paths {
        let mut readable = vec![order.program.clone()];
        let mut writable = Vec::new();
        if let Some(confinement) = &order.confinement {
            readable.extend(confinement.readable.iter().cloned());
            writable.extend(confinement.writable.iter().cloned());
        }
        let network = order.limits.network;
        readable.extend(SYSTEM.iter().map(PathBuf::from));
        if network {
            readable.extend(NETWORK.iter().map(PathBuf::from));
        }
        writable.extend(order.scratch.iter().map(|scratch| scratch.folder.clone()));
        Paths {
            readable,
            writable,
            devices: DEVICES.iter().map(PathBuf::from).collect(),
            network,
            wanted: order.confinement.is_some() && order.limits.means.paths,
        }
    }

    /// What a process has to be restricted with, or `None` if it is not to be.
    ///
    /// # Errors
    /// Says what the kernel doesn't bound.
    pub(crate) fn ruleset(&self) -> Result<Option<OwnedFd>, String> {
        if !self.wanted {
            return Ok(None);
        }
        let ruleset = self.make().map_err(|error| {
            format!(
                "The kernel doesn't bound where programs read and write ({error}): they can \
                 read and change whatever their user can."
            )
        })?;
        // Without a file the kernel has no Landlock at all.
        let file: Option<OwnedFd> = ruleset.into();
        file.map(Some).ok_or_else(|| {
            "The kernel has no Landlock: programs can read and change whatever their user can."
                .to_owned()
        })
    }

    fn make(&self) -> Result<RulesetCreated, RulesetError> {
        let all = AccessFs::from_all(NEWEST);
        let read = AccessFs::from_read(NEWEST);
        let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
        let mut ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(all)?
            .scope(Scope::from_all(NEWEST))?;
        if !self.network {
            ruleset = ruleset.handle_access(AccessNet::from_all(NEWEST))?;
        }
        let mut ruleset = ruleset.create()?;
        for (paths, access) in [
            (&self.readable, read),
            (&self.writable, all),
            (&self.devices, device),
        ] {
            for path in paths {
                ruleset = add(ruleset, path, access)?;
            }
        }
        Ok(ruleset)
    }
}

/// Allows access to all under a path, if it is there.
fn add(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(file) = PathFd::new(path) else {
        return Ok(ruleset);
    };
    // What makes no sense for a file, as opposed to a folder, is refused.
    let access = match path.is_dir() {
        true => access,
        false => access & AccessFs::from_file(NEWEST),
    };
    ruleset.add_rule(PathBeneath::new(file, access))
}
