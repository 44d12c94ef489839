//! Telling Jupyter about the kernel: a kernelspec in one of the folders where
//! it looks for them, and in its neighbour an extension of JupyterLab.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs>

use crate::kernelspec::{LOGOS, NAME, kernelspec};
use crate::labextension;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

/// Where a kernelspec goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// For this user.
    User,
    /// For the Jupyter that is installed below this folder, as in `/usr`.
    Prefix(PathBuf),
    /// For the Jupyter of the Python, or of its environment, that is active.
    SysPrefix,
}

/// Installs the kernelspec of a kernel that is this program, and the extension
/// with which JupyterLab steps through a trace. Returns the kernelspec's folder.
///
/// # Errors
/// Says in one sentence what is missing or can't be written.
pub fn install(place: &Where, program: &Path) -> Result<PathBuf, String> {
    let program = program.to_str().ok_or_else(|| {
        format!(
            "the path of this program, {}, is no text (UTF-8): Jupyter could not start it",
            program.display()
        )
    })?;
    let folders = Folders::of(place)?;
    for (folder, files) in [
        (&folders.extension, extension_files()),
        (&folders.kernelspec, kernelspec_files(program)),
    ] {
        write(folder, &files).map_err(|error| cannot("write", folder, &error))?;
    }
    Ok(folders.kernelspec)
}

/// Removes both again. Returns the folder that the kernelspec was in.
///
/// # Errors
/// Says in one sentence that there is none, or why it can't be removed.
pub fn uninstall(place: &Where) -> Result<PathBuf, String> {
    let Folders {
        kernelspec: folder,
        extension,
    } = Folders::of(place)?;
    remove(&extension).map_err(|error| cannot("remove", &extension, &error))?;
    match fs::remove_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "the kernel is not installed in {}: name the place with --prefix or --sys-prefix, if \
             it is another",
            folder.display()
        )),
        Err(error) => Err(cannot("remove", &folder, &error)),
    }
}

/// Files to write: the path of each in its folder, and what it holds.
type Files = Vec<(&'static str, Vec<u8>)>;

fn kernelspec_files(program: &str) -> Files {
    let spec = kernelspec(&[program, "{connection_file}"]);
    let spec = ("kernel.json", format!("{spec:#}\n").into_bytes());
    let logos = LOGOS.iter().map(|(name, logo)| (*name, logo.to_vec()));
    std::iter::once(spec).chain(logos).collect()
}

fn extension_files() -> Files {
    let files = labextension::files().into_iter();
    files
        .map(|(name, text)| (name, text.into_bytes()))
        .collect()
}

/// Written beside, and then moved there as a whole.
fn write(folder: &Path, files: &Files) -> io::Result<()> {
    let new = folder.with_extension(process::id().to_string());
    for (name, bytes) in files {
        let file = new.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&new))?;
        fs::write(file, bytes)?;
    }
    remove(folder)?;
    fs::rename(new, folder)
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn cannot(what: &str, folder: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", folder.display())
}

/// Where things go.
struct Folders {
    kernelspec: PathBuf,
    extension: PathBuf,
}

impl Folders {
    fn of(place: &Where) -> Result<Folders, String> {
        let data = data(place)?;
        Ok(Folders {
            kernelspec: data.join("kernels").join(NAME),
            extension: data.join("labextensions").join(labextension::NAME),
        })
    }
}

/// Jupyter's data folder.
fn data(place: &Where) -> Result<PathBuf, String> {
    let data = match place {
        Where::User => user_data()?,
        Where::Prefix(prefix) => prefix.join("share/jupyter"),
        Where::SysPrefix => sys_prefix()?.join("share/jupyter"),
    };
    std::path::absolute(&data).map_err(|error| cannot("find", &data, &error))
}

/// Where Jupyter keeps a user's data: `jupyter --data-dir`.
/// <https://docs.jupyter.org/en/latest/use/jupyter-directories.html#data-files>
fn user_data() -> Result<PathBuf, String> {
    if let Some(folder) = folder_in("JUPYTER_DATA_DIR") {
        return Ok(folder);
    }
    let home = folder_in("HOME").ok_or(
        "there is no HOME to install the kernel in: set JUPYTER_DATA_DIR, or give --prefix",
    )?;
    if cfg!(target_os = "macos") {
        return Ok(home.join("Library/Jupyter"));
    }
    let data = folder_in("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
    Ok(data.join("jupyter"))
}

fn folder_in(variable: &str) -> Option<PathBuf> {
    let folder = env::var_os(variable).filter(|value| !value.is_empty())?;
    Some(folder.into())
}

fn sys_prefix() -> Result<PathBuf, String> {
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter();
    if let Some(folder) = active.filter_map(folder_in).next() {
        return Ok(folder);
    }
    ["python3", "python"]
        .into_iter()
        .find_map(prefix_of)
        .ok_or_else(|| {
            "there is no Python to ask for its sys.prefix: activate an environment, or give \
             --prefix"
                .to_owned()
        })
}

fn prefix_of(python: &str) -> Option<PathBuf> {
    let print = ["-c", "import sys; print(sys.prefix, end='')"];
    let output = Command::new(python).args(print).output().ok()?;
    let prefix = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !prefix.is_empty()).then(|| prefix.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn extension(prefix: &Path) -> PathBuf {
        prefix.join("share/jupyter/labextensions/@interleaved/trace")
    }

    #[test]
    fn a_kernelspec_is_installed_again_and_removed() {
        let prefix = tempfile::tempdir().unwrap();
        let place = Where::Prefix(prefix.path().to_owned());
        for program in ["/old/kernel", "/new/kernel"] {
            let folder = install(&place, Path::new(program)).unwrap();
            assert_eq!(
                folder,
                prefix.path().join("share/jupyter/kernels/interleaved")
            );
            let spec = fs::read(folder.join("kernel.json")).unwrap();
            let spec: Value = serde_json::from_slice(&spec).unwrap();
            assert_eq!(
                spec["argv"],
                serde_json::json!([program, "{connection_file}"])
            );
            assert_eq!(spec["interrupt_mode"], "message");
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
            assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
            let extension = extension(prefix.path());
            let package = fs::read(extension.join("package.json")).unwrap();
            let package: Value = serde_json::from_slice(&package).unwrap();
            let script = package["jupyterlab"]["_build"]["load"].as_str().unwrap();
            assert!(extension.join(script).is_file());
        }
        let folder = uninstall(&place).unwrap();
        assert!(!folder.exists());
        assert!(!extension(prefix.path()).exists());
        let error = uninstall(&place).unwrap_err();
        assert!(error.contains("not installed"), "{error}");
    }
}
