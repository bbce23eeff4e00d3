//! Where a forge reads pipelines: at the top of the repository, whatever folder of it the project is.

use std::path::{Path, PathBuf};

use super::answers::PipelineFile;
use crate::run::git::main_branch;
use crate::run::workspace::canonical;

/// The branch that is meant where nothing tells one.
const MAIN: &str = "main";

/// The repository around a project, or the project where there is none.
#[derive(Clone, Debug)]
pub(super) struct Checkout {
    top: PathBuf,
    /// The folder of the project below the top, with `/`; empty at the top.
    pub(super) project: String,
    /// The branch that is merged to, as far as git knows one.
    branch: Option<String>,
}

/// A file of a pipeline.
#[derive(Clone, Debug)]
pub(super) struct PipelinePath {
    /// Its path below the top of the repository.
    pub(super) path: String,
    /// Whether it already exists, for this project or for something else, and is kept.
    pub(super) is_there: bool,
    /// The file that has to include it, for the forge reads only that one.
    pub(super) included_by: Option<&'static str>,
}

impl Checkout {
    /// The repository around the folder of a project.
    pub(super) fn around(folder: &Path) -> Self {
        let folder = canonical(folder);
        let top = folder.ancestors().find(|it| it.join(".git").exists());
        let branch = top.and_then(main_branch);
        let top = top.unwrap_or(&folder).to_path_buf();
        let below = folder.strip_prefix(&top).unwrap_or(Path::new(""));
        let below: Vec<_> = below.iter().map(|it| it.to_string_lossy()).collect();
        Self {
            project: below.join("/"),
            top,
            branch,
        }
    }

    /// The branch that is merged to.
    pub(super) fn branch(&self) -> &str {
        self.branch.as_deref().unwrap_or(MAIN)
    }

    /// Whether nothing told the branch.
    pub(super) fn guesses_branch(&self) -> bool {
        self.branch.is_none()
    }

    /// Whether the project is a folder of the repository, and not all of it.
    pub(super) fn is_below(&self) -> bool {
        !self.project.is_empty()
    }

    /// The top folder.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// The same for people.
    pub(super) fn shown_top(&self) -> String {
        self.top.display().to_string()
    }

    /// A path below the top as the folder of the project names it.
    pub(super) fn seen_from_project(&self, path: &str) -> String {
        let depth = self.project.split('/').filter(|it| !it.is_empty()).count();
        "../".repeat(depth) + path
    }

    /// The folder of the project as a part of a name: letters, digits, `.`, `_` and `-`.
    pub(super) fn slug(&self) -> String {
        let is_plain = |ch: char| ch.is_ascii_alphanumeric() || "._-".contains(ch);
        let plain = self.project.chars();
        plain
            .map(|ch| if is_plain(ch) { ch } else { '-' })
            .collect()
    }

    /// The folder as a pattern of paths that means nothing but itself.
    pub(super) fn pattern(&self) -> String {
        escaped(&self.project, "\\*?+[]{}!")
    }

    /// The branch as a pattern of GitHub's that means nothing but itself.
    pub(super) fn branch_pattern(&self) -> String {
        escaped(self.branch(), "+]!")
    }

    /// The file of a pipeline: the first that is free, or that already has a line `own`, by which the pipeline of a project
    /// in a folder is told from others.
    pub(super) fn pipeline(&self, forge: PipelineFile, own: &str) -> Option<PipelinePath> {
        let usual = match forge {
            PipelineFile::None => return None,
            PipelineFile::Github => ".github/workflows/campaignctl.yaml",
            PipelineFile::Gitlab => ".gitlab-ci.yml",
        };
        let file = |path: String, is_there| PipelinePath {
            included_by: (forge == PipelineFile::Gitlab && path != usual).then_some(usual),
            path,
            is_there,
        };
        if !self.is_below() {
            let is_there = self.top.join(usual).exists();
            return Some(file(usual.to_owned(), is_there));
        }
        let folder = match forge {
            PipelineFile::Gitlab => ".gitlab",
            _ => ".github/workflows",
        };
        let slug = self.slug();
        let others = (1..).map(|number| match number {
            1 => format!("{folder}/campaignctl-{slug}.yml"),
            _ => format!("{folder}/campaignctl-{slug}-{number}.yml"),
        });
        let mut all = std::iter::once(usual.to_owned()).chain(others);
        all.find_map(|path| {
            let target = self.top.join(&path);
            let text = std::fs::read_to_string(&target).unwrap_or_default();
            let is_own = text.lines().any(|line| line.trim() == own);
            let is_there = target.symlink_metadata().is_ok();
            (is_own || !is_there).then(|| file(path, is_there))
        })
    }
}

fn escaped(text: &str, special: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, ch| {
        escaped.extend(special.contains(ch).then_some('\\'));
        escaped.push(ch);
        escaped
    })
}
