//! The folder of the user's own configuration, outside of every project.
//!
//! By the rules of each system: `$XDG_CONFIG_HOME`, else `~/.config`, on Linux and wherever that variable is set;
//! `~/Library/Application Support` on macOS; `%APPDATA%` on Windows.

use std::path::PathBuf;

use super::Machine;
use super::error::Error;

/// The name of our folder in it.
const OURS: &str = "campaignctl";

/// The folder in which the program keeps what belongs to the user.
///
/// # Errors
/// A system that names no folder for it.
pub fn configuration(machine: &Machine) -> Result<PathBuf, Error> {
    let found = folder_of(std::env::consts::OS, &|name| machine.variable(name));
    found.map(|folder| folder.join(OURS)).ok_or_else(|| {
        Error::invalid("the system names no folder for the configuration of a user")
            .help("set `HOME`, or `XDG_CONFIG_HOME` to a folder of your own")
    })
}

/// The folder of a system. Relative paths count as not set, as the XDG rules demand.
fn folder_of(system: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from);
    let whole = |name| path(name).filter(|path| path.is_absolute());
    let usual = || match system {
        "windows" => whole("APPDATA"),
        "macos" => Some(whole("HOME")?.join("Library/Application Support")),
        _ => Some(whole("HOME")?.join(".config")),
    };
    whole("XDG_CONFIG_HOME").or_else(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn each_system_has_its_folder() {
        for (system, variables, folder) in [
            ("linux", &[("HOME", "/h")][..], Some("/h/.config")),
            (
                "linux",
                &[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")],
                Some("/x"),
            ),
            (
                "linux",
                &[("HOME", "/h"), ("XDG_CONFIG_HOME", "x")],
                Some("/h/.config"),
            ),
            (
                "linux",
                &[("HOME", "/h"), ("XDG_CONFIG_HOME", "")],
                Some("/h/.config"),
            ),
            (
                "macos",
                &[("HOME", "/h")],
                Some("/h/Library/Application Support"),
            ),
            ("macos", &[("XDG_CONFIG_HOME", "/x")], Some("/x")),
            ("windows", &[("APPDATA", "/roaming")], Some("/roaming")),
            ("windows", &[("HOME", "/h")], None),
            ("linux", &[], None),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = folder_of(system, &variable);
            assert_eq!(found, folder.map(PathBuf::from), "{system} {variables:?}");
        }
    }
}
