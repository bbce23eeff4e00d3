//! Settings for editors in the folder of a project: which schema is for which file.
//!
//! An existing file belongs to a person, and is never touched; nor is anything behind a link. The schemas are those beside
//! the project, see [`editor_schemas`].

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::editor_schemas;
use crate::files;

/// Where VS Code looks, in the folder that it was opened with.
const FOLDER: &str = ".vscode";

/// Writes the settings that are not there yet, and returns which.
///
/// # Errors
/// A folder that cannot be written to.
pub fn write(project: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (name, content) in files() {
        match files::write_inside(project, Path::new(&name), content.as_bytes(), false) {
            Ok(()) => written.push(project.join(name)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// The files, by their path below the folder of the project.
#[must_use]
pub fn files() -> [(String, String); 2] {
    let file = |name: &str, content: Value| (format!("{FOLDER}/{name}"), format!("{content:#}\n"));
    [
        file("settings.json", settings()),
        file("extensions.json", extensions()),
    ]
}

/// The schemas by file name. YAML that starts with a dot is another program's, such as a pipeline.
fn settings() -> Value {
    // A path that begins with a dot is one below the folder that the editor was opened with.
    let of = |stem: &str| format!("./{}/{stem}.schema.json", editor_schemas::FOLDER);
    json!({
        "yaml.schemas": {
            of("manifest"): [
                "**/*.yaml",
                "**/*.yml",
                "!**/.*",
                "!**/.*/**",
                "!**/campaignctl.yaml",
                "!**/campaignctl.yml",
                "!**/overlays/**",
            ],
            of("overlay"): ["**/overlays/**/*.yaml", "**/overlays/**/*.yml"],
            of("campaignctl"): ["**/campaignctl.yaml", "**/campaignctl.yml"],
        },
        "json.schemas": [
            { "fileMatch": ["plan.json", "*.plan.json"], "url": of("plan") },
        ],
    })
}

/// What VS Code offers to install.
fn extensions() -> Value {
    json!({ "recommendations": ["redhat.vscode-yaml"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = folder.path().join(FOLDER);
        std::os::unix::fs::symlink(elsewhere.path(), link).unwrap();
        assert!(write(folder.path()).unwrap().is_empty());
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join(".vscode/settings.json");
        let extensions = folder.path().join(".vscode/extensions.json");
        std::fs::create_dir(folder.path().join(".vscode")).unwrap();
        std::fs::write(&settings, "mine").unwrap();
        assert_eq!(write(folder.path()).unwrap(), vec![extensions.clone()]);
        assert_eq!(std::fs::read_to_string(&settings).unwrap(), "mine");
        assert!(write(folder.path()).unwrap().is_empty());
        std::fs::remove_file(&settings).unwrap();
        assert_eq!(write(folder.path()).unwrap(), vec![settings]);
    }
}
