//! The key that recipients are digested with: of the pipeline, or of this project on this computer.

use std::io::Write as _;
use std::path::Path;

use crate::api::random_state;
use crate::files;
use crate::launch::DigestKey;
use crate::run::{Error, Workspace};

/// The variable with the key, for pipelines that plan and send on different computers.
const VARIABLE: &str = "CAMPAIGNCTL_LAUNCH_KEY";

/// The file with the key, in the folder of what runs remember.
const FILE: &str = "launch.key";

/// Makes a file that no other user of this computer may read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The key of a run. One that is not there yet is made.
///
/// # Errors
/// A key that is too short; a file that cannot be read or written.
pub fn key(workspace: &Workspace) -> Result<DigestKey, Error> {
    if let Some(text) = workspace
        .machine
        .variable(VARIABLE)
        .filter(|it| !it.is_empty())
    {
        return DigestKey::of(&text).ok_or_else(|| {
            Error::invalid(format!("`{VARIABLE}` has fewer than 32 characters"))
                .help("set it to a random text, such as the output of `openssl rand -hex 32`")
        });
    }
    let path = workspace.state(FILE);
    let failed = |error: std::io::Error| Error::from(error).context(&path.display().to_string());
    if !path.exists() {
        workspace.make_state_folder()?;
        let text = format!("{}{}\n", random_state()?.expose(), random_state()?.expose());
        write_private(&path, &text).map_err(failed)?;
    }
    let text = files::read_text(&path, 4096).map_err(failed)?;
    DigestKey::of(&text).ok_or_else(|| {
        Error::invalid(format!("`{}` is not a key", path.display()))
            .help("remove it: plans of launches that were made with it have to be made again")
    })
}
