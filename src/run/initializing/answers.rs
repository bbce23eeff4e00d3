//! What `init` has to know: from flags, from the person, or by default.

use std::str::FromStr;

use super::Wishes;
use super::existing::bare_host;
use crate::project::{LedgerPlace, SANDBOX, is_account_id};
use crate::run::Error;

/// The answer that the ledger is a file of the project, which git keeps.
pub(super) const IN_GIT: &str = "git";

/// Everything that differs between projects.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// The name of the project.
    pub(super) name: String,
    /// The account, when there is one besides the sandbox.
    pub(super) connection: Option<NamedAccount>,
    pub(super) pipeline: PipelineFile,
}

impl Answers {
    /// The environment of the account.
    #[must_use]
    pub fn environment(&self) -> Option<&str> {
        self.connection.as_ref().map(|it| it.environment.as_str())
    }
}

/// An environment with an account.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAccount {
    pub(super) environment: String,
    pub(super) account: String,
    pub(super) domain_api: Option<String>,
    /// The address of the ledger; without one it is a file of the project, which git keeps.
    pub(super) ledger: Option<String>,
    /// The environment variables that the project file names; those that `init` writes there, when it writes it.
    pub(super) named: Option<Vec<String>>,
    /// The files that the project file reads secrets from, as they are shown.
    pub(super) files: Vec<String>,
    /// The hosts besides the vendor's that the project names.
    pub(super) hosts: Vec<String>,
    /// The addresses of locks that are not beside their ledger.
    pub(super) locks: Vec<String>,
}

/// Whose pipeline file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PipelineFile {
    /// A workflow of GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// No file.
    #[default]
    None,
}

impl FromStr for PipelineFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = [
            ("github", Self::Github),
            ("gitlab", Self::Gitlab),
            ("none", Self::None),
        ];
        let found = words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        found
            .map(|(_, pipeline)| *pipeline)
            .ok_or_else(|| format!("`{text}` is none of them"))
    }
}

/// Asks a question, with what an empty answer stands for. `None` when there is no terminal to ask on.
pub type Ask<'a> = dyn FnMut(&str, &str) -> Option<String> + 'a;

/// The answers: what flags leave open is asked, or taken by default without `ask`.
///
/// # Errors
/// Flags that do not fit, or nobody who answers.
pub(super) fn answers(
    wishes: &Wishes,
    environment: Option<&str>,
    folder: &str,
    mut ask: Option<&mut Ask<'_>>,
) -> Result<Answers, Error> {
    of_sandbox(wishes, environment)?;
    let name = match (&wishes.name, ask.as_deref_mut()) {
        (Some(name), _) => name.clone(),
        (None, Some(ask)) => asked(ask, "Name of the project", folder, is_name)?,
        (None, None) => folder.to_owned(),
    };
    let mut connection = connection(wishes, environment, ask.as_deref_mut())?;
    let pipeline = match (wishes.pipeline, ask.as_deref_mut()) {
        (Some(pipeline), _) => pipeline,
        (None, None) => PipelineFile::None,
        (None, Some(ask)) => {
            let known = |text: &str| text.parse::<PipelineFile>().map(|_| ());
            let word = asked(ask, "Pipeline file: github, gitlab or none", "none", known)?;
            word.parse().unwrap_or_default()
        }
    };
    match &mut connection {
        Some(connection) => connection.ledger = ledger(wishes, pipeline, ask)?,
        None if wishes.ledger.is_some() || wishes.domain_api.is_some() => {
            return Err(no_account(wishes));
        }
        None => {}
    }
    Ok(Answers {
        name,
        connection,
        pipeline,
    })
}

/// The error that a flag is about an account, and there is none.
pub(super) fn no_account(wishes: &Wishes) -> Error {
    let flag = if wishes.ledger.is_some() {
        "--ledger"
    } else {
        "--domain-api"
    };
    let why = format!("`{flag}` needs the environment of an account");
    Error::invalid(why).help("add `-e NAME --account ID`")
}

/// Refuses what the sandbox has no use for.
pub(super) fn of_sandbox(wishes: &Wishes, environment: Option<&str>) -> Result<(), Error> {
    let flags = [
        ("--account", wishes.account.is_some()),
        ("--domain-api", wishes.domain_api.is_some()),
        ("--ledger", wishes.ledger.is_some()),
    ];
    let given = flags.iter().find(|(_, is_given)| *is_given);
    match given.filter(|_| environment == Some(SANDBOX)) {
        Some((flag, _)) => {
            let why = format!("`{flag}` is for an account, and `-e {SANDBOX}` is the sandbox");
            Err(Error::invalid(why).help("name the environment of the account: `-e production`"))
        }
        None => Ok(()),
    }
}

fn connection(
    wishes: &Wishes,
    environment: Option<&str>,
    ask: Option<&mut Ask<'_>>,
) -> Result<Option<NamedAccount>, Error> {
    let environment = environment.filter(|name| *name != SANDBOX);
    if let Some(name) = environment {
        is_environment(name).map_err(Error::invalid)?;
    }
    let (environment, account) = match (environment, &wishes.account, ask) {
        (None, Some(account), None) => ("production".to_owned(), account.clone()),
        (Some(name), Some(account), _) => (name.to_owned(), account.clone()),
        (None, None, None) => return Ok(None),
        (Some(name), None, None) => {
            let why = format!("the account of `{name}` is missing");
            return Err(Error::invalid(why).help("add `--account ID`"));
        }
        (None, None, Some(ask)) => {
            let yes_or_no = |text: &str| match text {
                "y" | "yes" | "n" | "no" => Ok(()),
                _ => Err("answer `y` or `n`".to_owned()),
            };
            let question = "Is there an account? Without one, everything runs on the sandbox (y/n)";
            if asked(ask, question, "n", yes_or_no)?.starts_with('n') {
                return Ok(None);
            }
            let name = asked(ask, "Name of its environment", "production", is_environment)?;
            (name, asked(ask, "Id of the account", "", is_account)?)
        }
        (Some(name), None, Some(ask)) => (
            name.to_owned(),
            asked(ask, "Id of the account", "", is_account)?,
        ),
        (None, Some(account), Some(ask)) => {
            let name = asked(ask, "Name of the environment", "production", is_environment)?;
            (name, account.clone())
        }
    };
    is_account(&account).map_err(Error::invalid)?;
    Ok(Some(NamedAccount {
        environment,
        account,
        domain_api: wishes.domain_api.clone(),
        ledger: None,
        named: None,
        files: Vec::new(),
        hosts: wishes
            .domain_api
            .iter()
            .map(|address| bare_host(address).to_owned())
            .collect(),
        locks: Vec::new(),
    }))
}

/// Where the ledger is, unless it is a file that git keeps. Asked where a pipeline applies: its disk does not last.
fn ledger(
    wishes: &Wishes,
    pipeline: PipelineFile,
    ask: Option<&mut Ask<'_>>,
) -> Result<Option<String>, Error> {
    let answer = match (&wishes.ledger, ask) {
        (Some(answer), _) => answer.clone(),
        (None, Some(ask)) if pipeline != PipelineFile::None => asked(
            ask,
            "Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json",
            IN_GIT,
            is_ledger,
        )?,
        (None, _) => return Ok(None),
    };
    is_ledger(&answer).map_err(Error::invalid)?;
    Ok((answer != IN_GIT).then_some(answer))
}

fn is_ledger(text: &str) -> Result<(), String> {
    match LedgerPlace::of(text) {
        _ if text == IN_GIT => Ok(()),
        Ok(LedgerPlace::File) => Err(format!(
            "`{text}` is not a permanent place: use `{IN_GIT}`, or an address of `s3://`, `gs://`, `az://` or `https://`"
        )),
        Ok(LedgerPlace::Objects | LedgerPlace::Http) => Ok(()),
        Err(why) => Err(why),
    }
}

/// Asks until the answer will do.
fn asked(
    ask: &mut Ask<'_>,
    question: &str,
    default: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, Error> {
    let mut why = String::new();
    loop {
        let answer = ask(&format!("{why}{question}"), default).ok_or_else(nobody)?;
        let answer = if answer.trim().is_empty() {
            default
        } else {
            answer.trim()
        };
        match check(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(error) => why = format!("{error}\n"),
        }
    }
}

/// The error that nobody is there to answer.
fn nobody() -> Error {
    Error::invalid("there is no terminal to ask questions on")
        .help("add `--yes` to take the default for what no flag says: `--name`, `-e`, `--account`, `--pipeline`")
}

fn is_name(text: &str) -> Result<(), String> {
    let is_fine = !text.is_empty() && !crate::text::safe::has_hidden(text);
    is_fine
        .then_some(())
        .ok_or_else(|| "a project needs a name".to_owned())
}

pub(super) fn is_environment(text: &str) -> Result<(), String> {
    let is_fine = text.starts_with(|ch: char| ch.is_ascii_lowercase())
        && text != SANDBOX
        && text
            .chars()
            .all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-');
    is_fine.then_some(()).ok_or_else(|| {
        format!("`{text}` is not a name for it: lower-case letters, digits and `-`, a letter first, not `{SANDBOX}`")
    })
}

pub(super) fn is_account(text: &str) -> Result<(), String> {
    is_account_id(text)
        .then_some(())
        .ok_or_else(|| format!("`{text}` is not the id of an account: write its digits"))
}

/// What the environment variables with the credentials of an environment begin with.
pub(super) fn variables_prefix(environment: &str) -> String {
    format!("LP_{}", environment.to_uppercase().replace('-', "_"))
}

impl NamedAccount {
    /// What the environment variables with its credentials begin with.
    pub(super) fn prefix(&self) -> String {
        variables_prefix(&self.environment)
    }

    /// The environment variables that the project file names.
    pub(super) fn variables(&self) -> Vec<String> {
        if let Some(named) = &self.named {
            return named.clone();
        }
        let own = ["USER", "PASSWORD"].map(|name| format!("{}_{name}", self.prefix()));
        let is_http = |address: &str| LedgerPlace::of(address) == Ok(LedgerPlace::Http);
        let of_ledger = ["LEDGER_USER", "LEDGER_PASSWORD"].map(str::to_owned);
        let of_ledger = of_ledger.into_iter();
        let of_ledger = of_ledger.filter(|_| self.ledger.as_deref().is_some_and(is_http));
        own.into_iter().chain(of_ledger).collect()
    }

    /// The names of all secrets that a pipeline needs: those, and what the cloud of the ledger reads.
    pub(super) fn secrets(&self) -> Vec<String> {
        let scheme = self.ledger.as_deref().and_then(|it| it.split_once("://"));
        let of_cloud: &[&str] = match scheme {
            Some(("s3", _)) => &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
            Some(("gs", _)) => &["GOOGLE_SERVICE_ACCOUNT_KEY"],
            Some(("az", _)) => &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
            _ => &[],
        };
        let of_cloud = of_cloud.iter().map(|name| (*name).to_owned());
        self.variables().into_iter().chain(of_cloud).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use insta::assert_snapshot;

    use super::*;

    /// The answers of a person who is asked, with all that was asked.
    fn interview(wishes: &Wishes, environment: Option<&str>, says: &[&str]) -> String {
        let mut says = says.iter();
        let mut log = String::new();
        let mut ask = |question: &str, default: &str| {
            let answer = (*says.next()?).to_owned();
            let _ = writeln!(log, "{question} [{default}]: {answer}");
            Some(answer)
        };
        let answers = answers(wishes, environment, "shop", Some(&mut ask));
        match answers {
            Ok(answers) => format!("{log}{answers:?}"),
            Err(error) => format!("{log}{}", error.message),
        }
    }

    /// Wishes without a ledger.
    fn wishes(name: Option<&str>, pipeline: Option<PipelineFile>, account: Option<&str>) -> Wishes {
        Wishes {
            name: name.map(str::to_owned),
            pipeline,
            account: account.map(str::to_owned),
            ..Wishes::default()
        }
    }

    #[test]
    fn what_flags_leave_open_is_asked() {
        assert_snapshot!(interview(&Wishes::default(), None, &["", "", ""]), @r#"
        Name of the project [shop]: 
        Is there an account? Without one, everything runs on the sandbox (y/n) [n]: 
        Pipeline file: github, gitlab or none [none]: 
        Answers { name: "shop", connection: None, pipeline: None }
        "#);
        assert_snapshot!(interview(&Wishes::default(), None, &["My shop", "y", "eu", "12345678", "github", "s3://b/k.json"]), @r#"
        Name of the project [shop]: My shop
        Is there an account? Without one, everything runs on the sandbox (y/n) [n]: y
        Name of its environment [production]: eu
        Id of the account []: 12345678
        Pipeline file: github, gitlab or none [none]: github
        Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json [git]: s3://b/k.json
        Answers { name: "My shop", connection: Some(NamedAccount { environment: "eu", account: "12345678", domain_api: None, ledger: Some("s3://b/k.json"), named: None, files: [], hosts: [], locks: [] }), pipeline: Github }
        "#);
        assert_snapshot!(interview(&wishes(Some("x"), Some(PipelineFile::None), None), Some("eu"), &["123"]), @r#"
        Id of the account []: 123
        Answers { name: "x", connection: Some(NamedAccount { environment: "eu", account: "123", domain_api: None, ledger: None, named: None, files: [], hosts: [], locks: [] }), pipeline: None }
        "#);
        assert_snapshot!(interview(&wishes(Some("x"), Some(PipelineFile::None), Some("123")), Some("eu"), &[]), @r#"Answers { name: "x", connection: Some(NamedAccount { environment: "eu", account: "123", domain_api: None, ledger: None, named: None, files: [], hosts: [], locks: [] }), pipeline: None }"#);
    }

    #[test]
    fn what_cannot_be_is_asked_again() {
        let says = [
            "",
            "maybe",
            "y",
            "sandbox",
            "Pro D",
            "prod",
            "",
            "y",
            "12 3",
            "123",
            "circle",
            "GitLab",
            "k.json",
            "ftp://x",
            "https://a:b@x",
            "",
        ];
        assert_snapshot!(interview(&Wishes::default(), None, &says), @r#"
        Name of the project [shop]: 
        Is there an account? Without one, everything runs on the sandbox (y/n) [n]: maybe
        answer `y` or `n`
        Is there an account? Without one, everything runs on the sandbox (y/n) [n]: y
        Name of its environment [production]: sandbox
        `sandbox` is not a name for it: lower-case letters, digits and `-`, a letter first, not `sandbox`
        Name of its environment [production]: Pro D
        `Pro D` is not a name for it: lower-case letters, digits and `-`, a letter first, not `sandbox`
        Name of its environment [production]: prod
        Id of the account []: 
        `` is not the id of an account: write its digits
        Id of the account []: y
        `y` is not the id of an account: write its digits
        Id of the account []: 12 3
        `12 3` is not the id of an account: write its digits
        Id of the account []: 123
        Pipeline file: github, gitlab or none [none]: circle
        `circle` is none of them
        Pipeline file: github, gitlab or none [none]: GitLab
        Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json [git]: k.json
        `k.json` is not a permanent place: use `git`, or an address of `s3://`, `gs://`, `az://` or `https://`
        Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json [git]: ftp://x
        `ftp://` is not supported for a ledger: use a path, `s3://`, `gs://`, `az://` or `https://`
        Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json [git]: https://a:b@x
        credentials are not allowed in the address of a ledger
        Where the ledger is kept: git, or an address such as s3://bucket/campaigns.json [git]: 
        Answers { name: "shop", connection: Some(NamedAccount { environment: "prod", account: "123", domain_api: None, ledger: None, named: None, files: [], hosts: [], locks: [] }), pipeline: Gitlab }
        "#);
        assert_snapshot!(interview(&Wishes::default(), None, &["", "y"]), @"
        Name of the project [shop]: 
        Is there an account? Without one, everything runs on the sandbox (y/n) [n]: y
        there is no terminal to ask questions on
        ");
        assert_snapshot!(interview(&wishes(None, None, Some("1/2")), Some("eu"), &["x"]), @"
        Name of the project [shop]: x
        `1/2` is not the id of an account: write its digits
        ");
    }
}
