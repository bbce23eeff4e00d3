//! What git knows of the files around a project, asked of the `git` on the path.
//!
//! Nothing is written: no lock, no index. Paths are those below the top folder of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{Error, Meaning};

/// The most that is read of one answer of git: far above the names of a million files.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What a blob without content is called.
const NO_MODE: &str = "000000";

/// The mode of another repository inside this one.
const SUBMODULE: &str = "160000";

/// The repository around a folder.
pub struct Repository {
    /// Its top folder.
    pub top: PathBuf,
}

/// A file that differs from a commit.
#[derive(Clone, Debug)]
pub struct ChangedFile {
    /// Its path.
    pub path: String,
    /// What it held in the commit, by its object id; `None` when it was not there.
    pub before: Option<String>,
}

impl Repository {
    /// The repository around a folder.
    ///
    /// # Errors
    /// No git, no repository.
    pub fn around(folder: &Path) -> Result<Self, Error> {
        let answer = ask(folder, &["rev-parse", "--show-toplevel"])?;
        if !answer.is_good {
            let why = format!(
                "`--changed-since` needs a git repository around `{}`: {}",
                folder.display(),
                answer.complaint
            );
            return Err(Error::invalid(why).help(
                "run it in a clone that holds the `.git` folder, or name objects with `--target`",
            ));
        }
        let top = PathBuf::from(answer.text().trim_end_matches(['\n', '\r']));
        Ok(Self {
            top: std::fs::canonicalize(&top).unwrap_or(top),
        })
    }

    /// The commit at which the current one left the given one: what came later on that side is nobody's change here.
    ///
    /// # Errors
    /// A commit that git does not know, or that has nothing in common with the current one.
    pub fn left_at(&self, since: &str) -> Result<String, Error> {
        let commit = format!("{since}^{{commit}}");
        let known = self.ask(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ])?;
        if !known.is_good {
            let why = format!("`--changed-since {since}`: git has no such commit");
            return Err(Error::invalid(why).help(self.remedy()?));
        }
        let base = self.ask(&["merge-base", known.text().trim(), "HEAD"])?;
        if !base.is_good {
            let why = format!(
                "`--changed-since {since}`: it has no commit in common with the current one"
            );
            return Err(Error::invalid(why).help(self.remedy()?));
        }
        Ok(base.text().trim().to_owned())
    }

    /// What to do about a commit that is not there.
    fn remedy(&self) -> Result<&'static str, Error> {
        let shallow = self.ask(&["rev-parse", "--is-shallow-repository"])?;
        Ok(if shallow.text().trim() == "true" {
            "this clone is shallow: `git fetch --unshallow` fetches its history (in a pipeline: a fetch depth of 0)"
        } else {
            "give a branch, tag or commit that this clone has: `git fetch origin main`, then `--changed-since origin/main`"
        })
    }

    /// The tracked files that differ from a commit, in the folder as it is now. A renamed file is one that is gone
    /// and one that is new.
    ///
    /// # Errors
    /// An answer that git does not give.
    pub fn touched(&self, commit: &str) -> Result<Vec<ChangedFile>, Error> {
        let answer = self.told(&[
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-ext-diff",
            "--no-color",
            commit,
            "--",
        ])?;
        // `:<old mode> <new mode> <old id> <new id> <status>`, then the path.
        let mut parts = answer.split('\0').filter(|part| !part.is_empty());
        let mut touched = Vec::new();
        while let (Some(said), Some(path)) = (parts.next(), parts.next()) {
            let words: Vec<&str> = said.trim_start_matches(':').split(' ').collect();
            let before = match words.as_slice() {
                [NO_MODE | SUBMODULE, ..] => None,
                [_, _, id, ..] => Some((*id).to_owned()),
                _ => None,
            };
            touched.push(ChangedFile {
                path: path.to_owned(),
                before,
            });
        }
        Ok(touched)
    }

    /// The files of a commit.
    ///
    /// # Errors
    /// An answer that git does not give.
    pub fn files(&self, commit: &str) -> Result<BTreeSet<String>, Error> {
        let answer = self.told(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit])?;
        let files = answer.split('\0').filter(|path| !path.is_empty());
        Ok(files.map(str::to_owned).collect())
    }

    /// The texts of files by their object ids. One that is larger than `largest` bytes, or no text, is not among them.
    ///
    /// # Errors
    /// An answer that git does not give.
    pub fn texts(
        &self,
        ids: &BTreeSet<String>,
        largest: usize,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut child = command(&self.top, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| missing(&error))?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(refused("cat-file", "no pipe"));
        };
        let asked: String = ids.iter().flat_map(|id| [id.as_str(), "\n"]).collect();
        // Git answers while it is still being asked: one thread for each direction.
        let asking = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
        let texts = read_texts(BufReader::new(stdout), largest);
        let _ = asking.join(); // a git that no longer listens has ended its answer, too, which is told below
        let ended = child.wait()?;
        match texts {
            Ok(texts) if ended.success() => Ok(texts),
            Ok(_) => Err(refused("cat-file", &ended.to_string())),
            Err(error) => Err(refused("cat-file", &error.to_string())),
        }
    }

    /// Whether a file is in the index, whatever it holds.
    ///
    /// # Errors
    /// No git.
    pub fn tracks(&self, file: &Path) -> Result<bool, Error> {
        let file = file.to_string_lossy();
        let answer = self.ask(&["ls-files", "--error-unmatch", "-z", "--", &file])?;
        Ok(answer.is_good)
    }

    /// Whether a file in the index is another one than in the current commit, which may not have it.
    ///
    /// # Errors
    /// No git.
    pub fn differs(&self, file: &Path) -> Result<bool, Error> {
        let file = file.to_string_lossy();
        let answer = self.ask(&["diff", "--quiet", "--no-ext-diff", "HEAD", "--", &file])?;
        Ok(!answer.is_good)
    }

    /// The files that a sparse checkout leaves out of the folder: they are in the index, and git knows of no removal.
    ///
    /// # Errors
    /// No git.
    pub fn left_out(&self) -> Result<BTreeSet<PathBuf>, Error> {
        let answer = self.told(&["ls-files", "-t", "-z"])?;
        let files = answer
            .split('\0')
            .filter_map(|line| line.strip_prefix("S "));
        Ok(files.map(|path| self.top.join(path)).collect())
    }

    /// Whether a file that is not in the index is one of those that git leaves out.
    ///
    /// # Errors
    /// No git.
    pub fn ignores(&self, file: &Path) -> Result<bool, Error> {
        let file = file.to_string_lossy();
        let answer = self.ask(&["check-ignore", "--quiet", "--", &file])?;
        Ok(answer.is_good)
    }

    fn ask(&self, arguments: &[&str]) -> Result<GitAnswer, Error> {
        ask(&self.top, arguments)
    }

    /// The answer to what git has no reason to refuse.
    fn told(&self, arguments: &[&str]) -> Result<String, Error> {
        let answer = self.ask(arguments)?;
        if answer.is_good {
            Ok(answer.text())
        } else {
            Err(refused(arguments[0], &answer.complaint))
        }
    }
}

/// What git answered.
struct GitAnswer {
    is_good: bool,
    out: Vec<u8>,
    complaint: String,
}

impl GitAnswer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// The commit of the checkout around a folder, and whether files in the folder differ from it, those below `own`
/// aside; `None` when there is no checkout, or nobody to ask.
pub fn checkout(folder: &Path, own: &[&Path]) -> Option<(String, bool)> {
    let head = ask(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).ok()?;
    let id = head.text().trim().to_owned();
    if !head.is_good || id.is_empty() {
        return None;
    }
    let own: Vec<String> = own
        .iter()
        .map(|path| format!(":(exclude,literal){}", path.display()))
        .collect();
    let mut arguments = vec!["status", "--porcelain", "--no-renames", "-z", "--", "."];
    arguments.extend(own.iter().map(String::as_str));
    let changed = ask(folder, &arguments).ok().filter(|it| it.is_good)?;
    Some((id, !changed.out.is_empty()))
}

/// The branch that others are merged to: the default one of `origin`, else the one that is checked out.
pub fn main_branch(folder: &Path) -> Option<String> {
    let of = |name: &str| {
        let answer = ask(folder, &["symbolic-ref", "--quiet", name]).ok()?;
        let text = answer.text().trim().to_owned();
        answer.is_good.then_some(text)
    };
    let default = of("refs/remotes/origin/HEAD");
    let default = default.and_then(|it| Some(it.strip_prefix("refs/remotes/origin/")?.to_owned()));
    let current = || Some(of("HEAD")?.strip_prefix("refs/heads/")?.to_owned());
    default.or_else(current)
}

fn ask(folder: &Path, arguments: &[&str]) -> Result<GitAnswer, Error> {
    answer_of(command(folder, arguments), arguments[0])
}

fn answer_of(mut command: Command, asked: &str) -> Result<GitAnswer, Error> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| missing(&error))?;
    let stderr = child.stderr.take();
    let complaining = std::thread::spawn(move || {
        let mut complaint = Vec::new();
        let _ = stderr.map(|pipe| pipe.take(64 * 1024).read_to_end(&mut complaint)); // told as far as it came
        complaint
    });
    let mut out = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        pipe.take(LARGEST + 1).read_to_end(&mut out)?;
    }
    if out.len() as u64 > LARGEST {
        return Err(refused(asked, "the answer is too long"));
    }
    let complaint = complaining.join().unwrap_or_default();
    Ok(GitAnswer {
        is_good: child.wait()?.success(),
        out,
        complaint: String::from_utf8_lossy(&complaint).trim().to_owned(),
    })
}

/// The variables by which git tells its hooks where they are, `git rev-parse --local-env-vars`: they are about the commit
/// under way, and what is asked here is about the files in a folder. Those that configure git stay: pipelines set
/// `safe.directory` by them.
const OF_HOOKS: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = bare_command(folder);
    for filter in own_filters(folder) {
        // Behind the last `=` is the variable: the name of a filter may hold one, too.
        command.arg(format!("--config-env={filter}={NOTHING}"));
    }
    command.args(arguments);
    command
}

/// Git, without the programs that it would run because a repository's own configuration says so, but for filters.
fn bare_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for name in OF_HOOKS {
        command.env_remove(name);
    }
    command
        // Folders of a repository can look like a bare one, with a configuration that runs programs.
        .args(["-c", "safe.bareRepository=explicit"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .arg("-C")
        .arg(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        // What a partial clone lacks is not fetched, by no protocol, so by no program.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env(NOTHING, "")
        .env("LC_ALL", "C");
    command
}

/// The variable that holds nothing.
const NOTHING: &str = "CAMPAIGNCTL_NOTHING";

/// The keys of filters in a repository's own configuration: git runs them over files whose content it compares
/// (gitattributes(5), `filter`). An empty program is none, and an empty `required` is no. Those of the person's or the
/// computer's own configuration stay.
fn own_filters(folder: &Path) -> BTreeSet<String> {
    let mut command = bare_command(folder);
    command.args([
        "config",
        "--show-scope",
        "--name-only",
        "-z",
        "--get-regexp",
        r"^filter\.",
    ]);
    let Ok(answer) = answer_of(command, "config") else {
        return BTreeSet::new();
    };
    let text = answer.text();
    let mut parts = text.split('\0');
    let mut found = BTreeSet::new();
    while let (Some(scope), Some(key)) = (parts.next(), parts.next()) {
        if matches!(scope, "local" | "worktree") {
            let (filter, _) = key.rsplit_once('.').unwrap_or((key, ""));
            found.extend(["clean", "process", "required"].map(|it| format!("{filter}.{it}")));
        }
    }
    found
}

/// `<id> <type> <size>`, the content and a line end; `<id> missing`.
fn read_texts(
    mut answer: impl std::io::BufRead,
    largest: usize,
) -> std::io::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    let mut line = String::new();
    while answer.by_ref().take(4096).read_line(&mut line)? > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [id, _, size] = words.as_slice() {
            let size: u64 = size.parse().map_err(std::io::Error::other)?;
            let mut content = answer.by_ref().take(size + 1);
            if size <= largest as u64 {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                bytes.pop();
                if let Ok(text) = String::from_utf8(bytes) {
                    texts.insert((*id).to_owned(), text);
                }
            } else {
                std::io::copy(&mut content, &mut std::io::sink())?;
            }
        }
        line.clear();
    }
    Ok(texts)
}

fn missing(error: &std::io::Error) -> Error {
    Error::invalid(format!("`--changed-since` needs `git`: {error}"))
        .help("install git, or name objects with `--target`")
}

fn refused(command: &str, why: &str) -> Error {
    Error::new(Meaning::Failed, format!("`git {command}` failed: {why}"))
}
