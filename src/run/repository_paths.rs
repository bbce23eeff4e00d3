//! Paths as a repository knows them: those who annotate its files, such as a forge, know no current folder.

use std::path::PathBuf;

use super::workspace::normal;

/// What the paths of a run are relative to, and what those of a report are.
#[derive(Clone, Debug)]
pub struct RepositoryPaths {
    here: PathBuf,
    /// The top folder of the repository; without one, the folder that paths start from.
    top: PathBuf,
}

impl From<PathBuf> for RepositoryPaths {
    /// Paths that start from a folder, in the repository around it.
    fn from(here: PathBuf) -> Self {
        let top = here.ancestors().find(|folder| folder.join(".git").exists());
        let top = top.unwrap_or(&here).to_path_buf();
        Self { here, top }
    }
}

impl RepositoryPaths {
    /// A path as the repository knows it, with `/`; one outside of the repository stays as it is.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        let whole = normal(&self.here.join(path));
        match whole.strip_prefix(&self.top) {
            Ok(inside) => {
                let parts = inside.components();
                let parts: Vec<_> = parts.map(|it| it.as_os_str().to_string_lossy()).collect();
                parts.join("/")
            }
            Err(_) => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_from_the_top_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let paths = RepositoryPaths::from(folder.path().join("shop/eu"));
        assert_eq!(paths.shown("a.yaml"), "shop/eu/a.yaml");
        assert_eq!(paths.shown("../b/./a.yaml"), "shop/b/a.yaml");
        assert_eq!(paths.shown("/elsewhere/a.yaml"), "/elsewhere/a.yaml");
    }
}
