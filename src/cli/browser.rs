//! Opens an address in the user's browser, where that is certain to be wanted.

use std::io::IsTerminal as _;
use std::process::{Command, Stdio};

use super::environment_variable;

/// Opens the address, and says whether a browser was started.
///
/// One is started only where a person is at the terminal of this very computer: not in a pipeline, not over SSH, not
/// without a screen. The address is handed over as one argument, never through a shell.
pub(super) fn open(address: &str) -> bool {
    let is_set = |name: &str| environment_variable(name).is_some_and(|value| !value.is_empty());
    let is_watched = std::io::stderr().is_terminal() && std::io::stdin().is_terminal();
    if !is_watched || !is_at_hand(std::env::consts::OS, &is_set) {
        return false;
    }
    let Some((program, first)) = opener(std::env::consts::OS) else {
        return false;
    };
    Command::new(program)
        .args(first)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}

/// Whether a browser would show on the screen in front of the user.
fn is_at_hand(system: &str, is_set: &dyn Fn(&str) -> bool) -> bool {
    let is_elsewhere = ["CI", "SSH_CONNECTION", "SSH_TTY"].into_iter().any(is_set);
    let has_screen = match system {
        "windows" | "macos" => true,
        _ => ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(is_set),
    };
    !is_elsewhere && has_screen
}

/// The program of a system that opens addresses, with its first argument.
fn opener(system: &str) -> Option<(&'static str, Option<&'static str>)> {
    match system {
        "linux" | "freebsd" | "openbsd" | "netbsd" => Some(("xdg-open", None)),
        "macos" => Some(("open", None)),
        "windows" => Some(("rundll32", Some("url.dll,FileProtocolHandler"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_opened_only_in_front_of_a_person() {
        for (system, variables, is_there) in [
            ("linux", &["DISPLAY"][..], true),
            ("linux", &["WAYLAND_DISPLAY"], true),
            ("linux", &[], false),
            ("linux", &["DISPLAY", "SSH_CONNECTION"], false),
            ("linux", &["DISPLAY", "CI"], false),
            ("macos", &[], true),
            ("macos", &["SSH_TTY"], false),
            ("windows", &["CI"], false),
        ] {
            let is_set = |name: &str| variables.contains(&name);
            assert_eq!(
                is_at_hand(system, &is_set),
                is_there,
                "{system} {variables:?}"
            );
        }
        assert_eq!(opener("haiku"), None);
    }
}
