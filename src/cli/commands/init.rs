//! `init`: a project out of nothing, or out of an account, with the questions at the terminal.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::ui::Ui;
use crate::cli::{exit, runtime};
use crate::run::initializing::{self, Ask, NewProject, PipelineFile, Wishes};
use crate::run::{Error, Run};

/// Create a project.
///
/// Writes the project file, first manifests, editor settings and, if you want one, a pipeline.
///
/// Asks for everything that no flag sets; `--yes` takes the defaults. With `--from-account`, the manifests describe
/// the account, and the next plan of that environment changes nothing.
///
/// Existing files are kept. In an existing project, the pipeline is written for an environment of its project file. It is
/// written to the top of the git repository, where forges read it.
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
    pipeline: Option<PipelineFlag>,
    /// Where the ledger is kept. `git`, or an address that a pipeline and a team share, such as `s3://bucket/key`,
    /// `gs://..`, `az://..`, or the `https://` address of GitLab's state. [default: git]
    #[arg(long, value_name = "git|ADDRESS")]
    ledger: Option<String>,
    /// Write manifests of what the account contains.
    #[arg(long)]
    from_account: bool,
}

/// The pipelines that a file can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PipelineFlag {
    /// A workflow of GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// No file.
    None,
}

impl From<PipelineFlag> for PipelineFile {
    fn from(file: PipelineFlag) -> Self {
        match file {
            PipelineFlag::Github => Self::Github,
            PipelineFlag::Gitlab => Self::Gitlab,
            PipelineFlag::None => Self::None,
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &InitArgs) -> Result<u8, Error> {
    let folder = args
        .dir
        .clone()
        .or_else(|| run.given_project().map(Path::to_path_buf));
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let mut ask = |question: &str, default: &str| ui.ask(question, default);
    let ask: Option<&mut Ask<'_>> = if args.yes { None } else { Some(&mut ask) };
    let answers = initializing::answers(run, &folder, &args.wishes(), ask)?;
    let new = NewProject::of(run, &folder, &answers, args.from_account);
    let new = runtime()?.block_on(new)?;
    new.write(|line| ui.data(&ui.broken(line)))?;
    ui.data(&new.write_schemas()?);
    for note in new.advice() {
        ui.note(&note);
    }
    Ok(exit::DONE)
}

impl InitArgs {
    fn wishes(&self) -> Wishes {
        Wishes {
            name: self.name.clone(),
            account: self.account.clone(),
            domain_api: self.domain_api.clone(),
            pipeline: self.pipeline.map(PipelineFile::from),
            ledger: self.ledger.clone(),
            from_account: self.from_account,
        }
    }
}
