//! Paths as the protocol writes them.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

use crate::run::editing::real;

/// The path of a `file:` address, with links in its folders followed; `None` for any other address.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = reqwest::Url::parse(&uri.0).ok()?.to_file_path().ok()?;
    Some(real(&path))
}

/// The address of a path.
pub(super) fn uri_of(path: &Path) -> Uri {
    let url = reqwest::Url::from_file_path(path);
    Uri(url.map_or_else(|()| format!("file://{}", path.display()), String::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_journey() {
        let path = Path::new("/no such/folder/é %.yaml");
        assert_eq!(uri_of(path).0, "file:///no%20such/folder/%C3%A9%20%25.yaml");
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        assert_eq!(path_of(&Uri("untitled:Untitled-1".to_owned())), None);
        assert_eq!(path_of(&Uri("no address".to_owned())), None);
    }
}
