//! `init`: a project out of nothing, or out of an account.
//!
//! No file that is there is written over. With `--from-account`, nothing is written before the account was read.

mod answers;
mod existing;
mod texts;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit;
use crate::cli::export::whole_account;
use crate::cli::ui::Ui;
use crate::diag::Texts;
use crate::project::{self, PROJECT_FILE};
use crate::run::editor_schemas::{self, Written};
use crate::text::{Limits, Source, yaml};
use answers::{Answers, Pipeline, answers};
use texts::{File, MANIFESTS};

use crate::run::codes;
use crate::run::workspace::{Workspace, canonical};
use crate::run::{Error, Run};

/// Create a project.
///
/// Writes the project file, first manifests, editor settings and, if you want one, a pipeline.
///
/// Asks for everything that no flag sets; `--yes` takes the defaults. With `--from-account`, the manifests describe
/// the account, and the next plan of that environment changes nothing.
///
/// Existing files are kept. In an existing project, the pipeline is written for an environment of its project file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl init                                        asks, in the current folder
  campaignctl init --yes --dir shop                       the sandbox only, no questions
  campaignctl init --yes -e production --account 12345678 --pipeline github
  campaignctl init --yes -e production --account 12345678 --pipeline gitlab --ledger s3://campaigns/production.json
  campaignctl init --yes -e production --account 12345678 --from-account

The user name and password of an environment are read from LP_<ENVIRONMENT>_USER and LP_<ENVIRONMENT>_PASSWORD.
`campaignctl.yaml` names these variables, and can name others; `campaignctl explain credentials` describes the other ways to sign in, such as single sign-on.")]
pub(in crate::cli) struct InitArgs {
    /// The folder of the project. It is created if it does not exist. [default: the current one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Ask nothing. What no flag says has its default.
    #[arg(long, short, hide_env_values = true, env = "CAMPAIGNCTL_YES")]
    yes: bool,
    /// The name of the project. [default: that of the folder]
    #[arg(long)]
    name: Option<String>,
    /// The account of the environment. `-e` names it; without it, it is `production`.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The address of the service look-up, if it is not the vendor's default.
    #[arg(long, value_name = "URL")]
    domain_api: Option<String>,
    /// The pipeline to write a file for. [default: none]
    #[arg(long, value_enum)]
    pipeline: Option<Pipeline>,
    /// Where the ledger is kept. `git`, or an address that a pipeline and a team share, such as `s3://bucket/key`,
    /// `gs://..`, `az://..`, or the `https://` address of GitLab's state. [default: git]
    #[arg(long, value_name = "git|ADDRESS")]
    ledger: Option<String>,
    /// Write manifests of what the account contains.
    #[arg(long)]
    from_account: bool,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &InitArgs) -> Result<u8, Error> {
    let folder = args
        .dir
        .clone()
        .or_else(|| run.given_project().map(Path::to_path_buf));
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let has_project = folder.join(PROJECT_FILE).exists();
    let answers = answered(ui, run, args, &folder, has_project)?;
    std::fs::create_dir_all(&folder)?;
    let text = texts::project(&answers);
    let mut files = Vec::new();
    if args.from_account {
        let run = for_account(run, &answers, &folder);
        let workspace = if has_project {
            Workspace::find(&run, &[])?
        } else {
            workspace(&run, &folder, &text)
        };
        let below = workspace.project.manifests.first().cloned();
        let below = below.unwrap_or_else(|| MANIFESTS.to_owned());
        let exported = whole_account(ui, &run, &workspace)?;
        files.extend(exported.files.into_iter().map(|file| {
            let path = format!("{below}/{}", file.path);
            let target = folder.join(&path);
            let around = target.parent().unwrap_or(&folder);
            let lines = editor_schemas::lines_for("manifest", &folder, around);
            (path, lines + &file.text)
        }));
    } else if !has_project {
        files.extend(texts::manifests());
    }
    files.insert(0, (PROJECT_FILE.to_owned(), text));
    files.extend(texts::surroundings(&answers));
    write(ui, &folder, &files)?;
    write_schemas(ui, &folder)?;
    for note in texts::notes(&answers) {
        ui.note(&note);
    }
    ui.note(&next_steps(run, &answers, &folder));
    Ok(exit::DONE)
}

/// The answers. A project that is there gives its own.
fn answered(
    ui: &Ui,
    run: &Run,
    args: &InitArgs,
    folder: &Path,
    has_project: bool,
) -> Result<Answers, Error> {
    let name = canonical(&run.machine().here().join(folder));
    let name = name
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "campaigns".to_owned());
    let environment = run.given_environment();
    if has_project {
        let workspace = Workspace::find(&run.in_project(None, folder), &[])?;
        return existing::answers(args, environment, &name, &workspace.project);
    }
    if args.yes {
        return answers(args, environment, &name, None);
    }
    let mut ask = |question: &str, default: &str| ui.ask(question, default);
    answers(args, environment, &name, Some(&mut ask))
}

/// The run as one of the account's environment, in the folder of the project.
fn for_account(run: &Run, answers: &Answers, folder: &Path) -> Run {
    let environment = answers
        .connection
        .as_ref()
        .map(|it| it.environment.as_str());
    run.in_project(environment, folder)
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
        machine: std::sync::Arc::clone(run.machine()),
    }
}

/// Writes what is not there, and names every file.
fn write(ui: &Ui, folder: &Path, files: &[File]) -> Result<(), Error> {
    for (path, text) in files {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let line = match std::fs::File::create_new(&target) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                format!("created {path}\n")
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                format!("kept    {path} (already exists)\n")
            }
            Err(error) => return Err(Error::from(error).context(&target.display().to_string())),
        };
        ui.data(&ui.broken(&line));
    }
    Ok(())
}

/// Writes the schemas that the other files name, and says what became of them.
fn write_schemas(ui: &Ui, folder: &Path) -> Result<(), Error> {
    let schemas = editor_schemas::FOLDER;
    let written = editor_schemas::write(folder)
        .map_err(|error| Error::from(error).context(&folder.join(schemas).to_string_lossy()))?;
    ui.data(&match written {
        Written::New => format!("created {schemas}: the schemas for editors\n"),
        Written::Again { former } => {
            format!("updated {schemas}: the schemas of campaignctl {former} for editors\n")
        }
        Written::Kept => format!("kept    {schemas} (up to date)\n"),
        Written::Newer(version) => {
            format!("kept    {schemas} (written by campaignctl {version}, which is newer)\n")
        }
        Written::Foreign => format!("kept    {schemas} (already exists)\n"),
    });
    Ok(())
}

fn next_steps(run: &Run, answers: &Answers, folder: &Path) -> String {
    let mut commands = Vec::new();
    if folder != Path::new(".") {
        commands.push(format!("cd {}", shell_word(&folder.to_string_lossy())));
    }
    let environment = answers
        .connection
        .as_ref()
        .map(|it| it.environment.as_str());
    let environment = environment.or(run.given_environment());
    let flag = environment.map(|it| format!(" -e {it}"));
    let flag = flag.unwrap_or_default();
    commands.push("campaignctl validate".to_owned());
    commands.push(format!("campaignctl plan{flag}"));
    commands.push(format!("campaignctl apply{flag}"));
    format!("Next:\n  {}", commands.join("\n  "))
}

/// A word as a shell reads it back.
fn shell_word(text: &str) -> String {
    let is_plain = |ch: char| ch.is_alphanumeric() || "/._-+:\\".contains(ch);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
