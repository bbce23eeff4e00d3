//! A project out of nothing, or out of an account: what is asked, what is written, and what a person does next.
//!
//! [`answers()`] turns flags, and the answers of a person, into [`Answers`]; a project that exists gives its own. [`NewProject`] makes
//! files of them. No file that exists is written over, and with an account nothing is written before the account was read.
//!
//! ```text
//! Wishes, questions, the project file -> Answers -> NewProject -> files that do not exist yet
//! ```

mod answers;
mod existing;
mod place;
mod texts;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

pub use answers::{Answers, Ask, NamedAccount, PipelineFile};

use super::editor_schemas::{self, WrittenSchemas};
use super::exporting::whole_account;
use super::workspace::{Workspace, canonical};
use super::{Error, Run, codes};
use crate::diag::Texts;
use crate::project::{self, PROJECT_FILE};
use crate::text::{Limits, Source, yaml};
use place::{Checkout, PipelinePath};
use texts::{MANIFESTS, NewText};

/// What flags say of the project.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Its name.
    pub name: Option<String>,
    /// The account of the environment.
    pub account: Option<String>,
    /// The address of the service look-up.
    pub domain_api: Option<String>,
    /// The pipeline to write a file for.
    pub pipeline: Option<PipelineFile>,
    /// Where the ledger is kept.
    pub ledger: Option<String>,
    /// Whether manifests of what the account contains are written.
    pub from_account: bool,
}

/// The answers for a folder: of the project that is there, else what the wishes leave open is asked, or taken by default
/// without `ask`.
///
/// # Errors
/// Wishes that do not fit together or contradict the project file, or nobody who answers.
pub fn answers(
    run: &Run,
    folder: &Path,
    wishes: &Wishes,
    ask: Option<&mut Ask<'_>>,
) -> Result<Answers, Error> {
    let name = canonical(&run.machine().here().join(folder));
    let name = name
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "campaigns".to_owned());
    let environment = run.given_environment();
    if has_project(folder) {
        let workspace = Workspace::find(&run.in_project(None, folder), &[])?;
        return existing::answers(wishes, environment, &name, &workspace.project);
    }
    answers::answers(wishes, environment, &name, ask)
}

fn has_project(folder: &Path) -> bool {
    folder.join(PROJECT_FILE).exists()
}

/// The files of a project, before they are written.
#[derive(Debug)]
pub struct NewProject<'a> {
    run: &'a Run,
    folder: &'a Path,
    answers: &'a Answers,
    files: Vec<NewText>,
    checkout: Checkout,
    /// The file of the pipeline, where one is wanted.
    pipeline: Option<PipelinePath>,
}

impl<'a> NewProject<'a> {
    /// The files for a folder, which is made; with manifests of what the account contains, where that is wished.
    ///
    /// # Errors
    /// A folder that cannot be made, an account that cannot be read; a link of a restricted project that leads a file
    /// elsewhere.
    pub async fn of(
        run: &'a Run,
        folder: &'a Path,
        answers: &'a Answers,
        from_account: bool,
    ) -> Result<Self, Error> {
        let machine = run.machine();
        machine.trust().result(machine.here(), folder)?;
        let has_project = has_project(folder);
        std::fs::create_dir_all(folder)?;
        let text = texts::project(answers);
        let mut files = Vec::new();
        if from_account {
            files = of_account(run, folder, answers, &text).await?;
        } else if !has_project {
            files.extend(texts::manifests());
        }
        files.insert(0, (PROJECT_FILE.to_owned(), text));
        files.extend(texts::surroundings());
        let checkout = Checkout::around(folder);
        let pipeline = texts::pipeline_path(answers, &checkout);
        if let Some(PipelinePath { path, .. }) = &pipeline {
            let text = texts::pipeline(answers, &checkout, path);
            files.push((checkout.seen_from_project(path), text));
        }
        let new = Self {
            run,
            folder,
            answers,
            files,
            checkout,
            pipeline,
        };
        new.check_places()?;
        Ok(new)
    }

    /// Makes sure that no link leads a file out of the project, or that of the pipeline out of the repository, where these
    /// are not trusted.
    fn check_places(&self) -> Result<(), Error> {
        let trust = self.run.machine().trust();
        let pipeline = self.pipeline.as_ref().map(|it| &it.path);
        let of_pipeline = pipeline.map(|path| self.checkout.seen_from_project(path));
        for (path, _) in &self.files {
            let (root, path) = match pipeline {
                Some(below) if of_pipeline.as_ref() == Some(path) => (self.checkout.top(), below),
                _ => (self.folder, path),
            };
            trust.file(root, "the new file", Path::new(path))?;
        }
        Ok(())
    }

    /// Writes what does not exist yet, and tells a line about every file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, mut tell: impl FnMut(&str)) -> Result<(), Error> {
        for (path, text) in &self.files {
            let target = self.folder.join(path);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            match std::fs::File::create_new(&target) {
                Ok(mut file) => {
                    file.write_all(text.as_bytes())?;
                    tell(&format!("created {path}\n"));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    tell(&format!("kept    {path} (already exists)\n"));
                }
                Err(error) => {
                    return Err(Error::from(error).context(&target.display().to_string()));
                }
            }
        }
        Ok(())
    }

    /// Writes the schemas that the other files name, and returns a line of what became of them.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write_schemas(&self) -> Result<String, Error> {
        let schemas = editor_schemas::FOLDER;
        let written = editor_schemas::write(self.folder).map_err(|error| {
            Error::from(error).context(&self.folder.join(schemas).to_string_lossy())
        })?;
        Ok(match written {
            WrittenSchemas::New => format!("created {schemas}: the schemas for editors\n"),
            WrittenSchemas::Again { former } => {
                format!("updated {schemas}: the schemas of campaignctl {former} for editors\n")
            }
            WrittenSchemas::Kept => format!("kept    {schemas} (up to date)\n"),
            WrittenSchemas::Newer(version) => {
                format!("kept    {schemas} (written by campaignctl {version}, which is newer)\n")
            }
            WrittenSchemas::Foreign => format!("kept    {schemas} (already exists)\n"),
        })
    }

    /// What to know about what was written, and the commands that come next.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        let environment = self.answers.environment();
        let environment = environment.or(self.run.given_environment());
        let mut advice = texts::notes(self.answers, &self.checkout, self.pipeline.as_ref());
        advice.push(next_steps(self.folder, environment));
        advice
    }
}

/// The manifests of what the account contains, each with its path below the folder of the project.
async fn of_account(
    run: &Run,
    folder: &Path,
    answers: &Answers,
    text: &str,
) -> Result<Vec<NewText>, Error> {
    let run = run.in_project(answers.environment(), folder);
    let workspace = if has_project(folder) {
        Workspace::find(&run, &[])?
    } else {
        workspace(&run, folder, text)
    };
    let below = workspace.project.manifests.first().cloned();
    let below = below.unwrap_or_else(|| MANIFESTS.to_owned());
    let exported = whole_account(&run, &workspace).await?;
    let files = exported.files.into_iter().map(|file| {
        let path = format!("{below}/{}", file.path);
        let target = folder.join(&path);
        let around = target.parent().unwrap_or(folder);
        let lines = editor_schemas::lines_for("manifest", folder, around);
        (path, lines + &file.text)
    });
    Ok(files.collect())
}

/// The project that is about to be written.
fn workspace(run: &Run, folder: &Path, text: &str) -> Workspace {
    let mut project_texts = Texts::default();
    let file = project_texts.sources.push(Source {
        path: PROJECT_FILE.to_owned(),
        text: text.to_owned(),
    });
    (project_texts.documents, _) = yaml::parse(file, text, &Limits::default());
    let (project, _) = project::parse(&project_texts, &codes::catalog());
    Workspace {
        root: canonical(folder),
        shown_root: folder.to_string_lossy().into_owned(),
        project,
        paths: vec![folder.join(MANIFESTS)],
        is_partial: false,
        project_texts,
        now: run.machine().now(),
        within: run
            .machine()
            .trust()
            .folders(folder, run.machine().here(), &[]),
        machine: Arc::clone(run.machine()),
    }
}

/// The commands that come next, of an environment where one is meant.
fn next_steps(folder: &Path, environment: Option<&str>) -> String {
    let mut commands = Vec::new();
    if folder != Path::new(".") {
        commands.push(format!("cd {}", shell_word(&folder.to_string_lossy())));
    }
    let flag = environment.map(|it| format!(" -e {it}"));
    let flag = flag.unwrap_or_default();
    commands.push("campaignctl validate".to_owned());
    commands.push(format!("campaignctl plan{flag}"));
    commands.push(format!("campaignctl apply{flag}"));
    format!("Next:\n  {}", commands.join("\n  "))
}

/// A word as a shell reads it back.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |ch: char| ch.is_alphanumeric() || "/._-+:\\".contains(ch);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn the_next_steps_can_be_pasted() {
        assert_snapshot!(next_steps(Path::new("."), None), @"
        Next:
          campaignctl validate
          campaignctl plan
          campaignctl apply
        ");
        assert_snapshot!(next_steps(Path::new("it's a shop"), Some("eu")), @r"
        Next:
          cd 'it'\''s a shop'
          campaignctl validate
          campaignctl plan -e eu
          campaignctl apply -e eu
        ");
    }
}
