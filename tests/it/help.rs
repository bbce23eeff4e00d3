//! What a person types who does not know the program: `help`, words of other tools, a Tab; and `undo`.

use std::path::Path;

use tempfile::TempDir;

use crate::program::{command, run};

/// A folder with one goal, and a project with two environments.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    goal(&folder, "/paid");
    let project = "\
project: shop
environments:
  production: { account: '12345678', credentials: { bearer: { env: LP_TOKEN } } }
  staging: { account: '87654321', credentials: { bearer: { env: LP_TOKEN } } }
";
    std::fs::write(folder.path().join("campaignctl.yaml"), project).unwrap();
    folder
}

fn goal(folder: &TempDir, url: &str) {
    let text = format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: paid, labels: {{ team: shop }} }}\n\
         spec: {{ displayName: Paid, indicator: {{ url: {url} }} }}\n"
    );
    std::fs::write(folder.path().join("goal.yaml"), text).unwrap();
}

/// What a shell is offered at the end of a command line.
pub(crate) fn offered(folder: &Path, line: &[&str]) -> Vec<String> {
    let words: Vec<&str> = [&["--", "campaignctl"], line].concat();
    let mut asking = command(folder, &words);
    asking
        .env("CAMPAIGNCTL_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", line.len().to_string())
        .env("_CLAP_IFS", "\n");
    let output = asking.output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// What real bash puts on its command line behind the words that are typed, and the words that it reads there.
#[cfg(unix)]
fn inserted(folder: &Path, typed: &[&str]) -> Option<(String, String)> {
    let script = run(folder, &["completion", "bash"]).expect(0).stdout;
    let script = script
        + r#"
raw=("$@")
COMP_WORDS=(campaignctl "${raw[@]}")
COMP_CWORD=$#
COMP_TYPE=9
word="${raw[-1]}"
case "$word" in [\"\']*) quote="${word:0:1}"; word="${word:1}" ;; *) quote="" ;; esac
_clap_complete_campaignctl campaignctl "$word" ""
for reply in "${COMPREPLY[@]}"; do
  printf '%s\n' "$quote$reply$quote"
  eval "set -- $quote$reply$quote"
  printf '%s|%s\n' "$#" "$1"
done
"#;
    let mut bash = std::process::Command::new("bash");
    let program = Path::new(env!("CARGO_BIN_EXE_campaignctl"))
        .parent()
        .unwrap();
    let script = format!("PATH='{}':$PATH\n{script}", program.display());
    bash.args(["--norc", "-c", &script, "bash"]).args(typed);
    let output = bash.current_dir(folder).output().ok()?;
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let (typed, read) = text
        .split_once('\n')
        .unwrap_or_else(|| panic!("{output:?}"));
    Some((typed.to_owned(), read.trim_end().to_owned()))
}

/// A name with blanks, quotes or a dollar is one word of the command line that bash completes.
#[cfg(unix)]
#[test]
fn every_command_is_offered_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let words = offered(folder.path(), &[""]);
    let is_offered = |name: &&str| words.iter().any(|word| word == name);
    let missing: Vec<&str> = ["plan", "apply", "validate", "help"]
        .into_iter()
        .filter(|it| !is_offered(it))
        .collect();
    assert!(missing.is_empty(), "{missing:?}: {words:?}");
    assert!(!is_offered(&"diff"), "{words:?}");
    assert!(
        offered(folder.path(), &["diff", "--detailed"]).contains(&"--detailed-exitcode".to_owned())
    );
}

#[test]
fn bash_inserts_names_as_one_word() {
    let folder = project();
    let text = "\
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: help }
spec: { displayName: Help, campaign: sale, skill: \"General care's & (new)\" }
";
    std::fs::write(folder.path().join("engagement.yaml"), text).unwrap();
    let name = "Skill/General care's & (new)";
    for typed in [
        &["uses", "Skill/Gen"][..],
        &["uses", r"Skill/General\ care\'s"],
        &["uses", "\"Skill/General c"],
    ] {
        let Some((_, read)) = inserted(folder.path(), typed) else {
            return; // no bash on this computer
        };
        assert_eq!(read, format!("1|{name}"), "{typed:?}");
    }
    let plain = inserted(folder.path(), &["plan", "--target", "Engagement/h"]);
    assert!(plain.is_none_or(|(typed, _)| typed == "Engagement/help"));
}

#[test]
fn an_edit_of_the_sandbox_is_offered_the_fields_of_its_kind() {
    let folder = project();
    goal(&folder, "/paid");
    let line = ["sandbox", "edit", "Goal/paid", "indicator.u"];
    assert_eq!(offered(folder.path(), &line), ["indicator.url="]);
    let line = ["sandbox", "edit", "Goal/paid", "metadata"];
    assert_eq!(offered(folder.path(), &line), [""; 0]);
    assert_eq!(offered(folder.path(), &["help", "dri"]), ["drift"]);
}

#[test]
fn names_of_the_project_are_completed() {
    let folder = project();
    assert_eq!(
        offered(folder.path(), &["plan", "-e", ""]),
        ["production", "sandbox", "staging"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--target", "Go"]),
        ["Goal/paid"]
    );
    assert_eq!(
        offered(folder.path(), &["ledger", "forget", "G"]),
        ["Goal/paid"]
    );
    assert_eq!(offered(folder.path(), &["pull", "Goal/"]), ["Goal/paid"]);
    assert_eq!(offered(folder.path(), &["uses", "Goal/"]), ["Goal/paid"]);
    assert_eq!(
        offered(folder.path(), &["graph", "--users", "G"]),
        ["Goal/paid"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--selector", "team"]),
        ["team", "team=shop"]
    );
    // Bash parts words at the sign, and adds what it gets to what it has.
    assert_eq!(
        offered(folder.path(), &["plan", "-l", "team", "="]),
        ["shop"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "-l", "team", "=", "sh"]),
        ["shop"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--environment", "=", "st"]),
        ["staging"]
    );
    assert_eq!(
        offered(folder.path(), &["explain", "mass-d"]),
        ["mass-delete"]
    );
    assert_eq!(
        offered(folder.path(), &["explain", "Campaign.schedule.s"]),
        ["Campaign.schedule.start"]
    );
    assert_eq!(offered(folder.path(), &["help", "pul"]), ["pull"]);
}

#[test]
fn a_project_that_cannot_be_read_completes_nothing_and_says_nothing() {
    let folder = project();
    std::fs::write(folder.path().join("campaignctl.yaml"), "project: [").unwrap();
    assert_eq!(offered(folder.path(), &["plan", "-e", ""]), ["sandbox"]);
    assert!(offered(folder.path(), &["plan", "--target", "Goal/"]).is_empty());
}

#[test]
fn help_knows_commands_and_topics() {
    let folder = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| run(folder.path(), words).expect(0).stdout;
    assert_eq!(said(&["help"]), said(&["--help"]));
    assert!(said(&["help", "plan"]).starts_with(&said(&["plan", "--help"])));
    assert_eq!(
        said(&["help", "ledger", "bind"]),
        said(&["ledger", "bind", "--help"])
    );
    assert_eq!(
        said(&["help", "mass-delete"]),
        said(&["explain", "mass-delete"])
    );
    for flag in ["--allow-mass-delete", "--target", "--retry-budget"] {
        assert!(said(&["help", "options"]).contains(flag), "{flag}");
        assert!(!said(&["plan", "-h"]).contains(flag), "{flag}");
    }
    let failed = run(folder.path(), &["help", "aply"]).expect(3);
    insta::assert_snapshot!(failed.stderr, @r"
    error: there is no command or topic `aply`
      = help: did you mean `apply`?
    ");
}

#[test]
fn words_of_other_tools_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| run(folder.path(), words).expect(3).stderr;
    insta::assert_snapshot!(said(&["destroy"]), @r"
    error: there is no command `destroy`
      = help: remove the manifests and `campaignctl apply`: what was created by them is deleted, and nothing else
    ");
    insta::assert_snapshot!(said(&["apply", "--dry-run=true"]), @r"
    error: there is no flag `--dry-run`
      = help: `campaignctl plan` shows what `apply` would do, and `pull` without `--write` and `fmt --check` only show changes
    ");
    insta::assert_snapshot!(said(&["apply", "-f", "campaigns"]), @r"
    error: there is no flag `-f`
      = help: paths need no flag: write them after the command. They select files, and what other files define is unknown then; `--target KIND/NAME` selects objects
    ");
}

#[test]
fn diff_is_a_plan() {
    let folder = project();
    let said = |word| run(folder.path(), &[word]).expect(0).stdout;
    assert_eq!(said("diff"), said("plan"));
}

/// The flags that override guards are where a person looks for them, with what they allow or by name.
#[test]
fn the_short_help_names_the_flags_of_the_guards() {
    let folder = tempfile::tempdir().unwrap();
    let short = |word: &str| run(folder.path(), &[word, "-h"]).expect(0).stdout;
    let flags = ["mass-delete", "mass-update", "unpublish", "impact"];
    for word in ["show", "undo"] {
        let text = short(word);
        for flag in flags {
            assert!(text.contains(&format!("--allow-{flag}")), "{word}: {text}");
        }
        assert!(
            text.contains("Guards:\n") && text.contains("Allow a plan that"),
            "{text}"
        );
    }
    // There is no room for them.
    for word in ["plan", "apply"] {
        assert!(short(word).contains("`--allow-..` of the guards"), "{word}");
    }
    assert!(!short("validate").contains("--allow-"));
}

/// Where a command is about objects of an account, kinds that no account holds are not offered.
#[test]
fn kinds_that_no_account_holds_are_not_offered_for_one() {
    let folder = project();
    let local = "apiVersion: campaignctl.dev/v1\nkind: Persona\nmetadata: { name: member }\nspec: { attributes: [] }\n\
                 ---\napiVersion: campaignctl.dev/v1\nkind: EngagementTemplate\nmetadata: { name: look }\nspec: { type: embedded }\n";
    std::fs::write(folder.path().join("local.yaml"), local).unwrap();
    for line in [
        &["plan", "--target", ""] as &[&str],
        &["apply", "--exclude", ""],
        &["ledger", "forget", ""],
        &["ledger", "bind", ""],
        &["sandbox", "edit", ""],
        &["ids", ""],
        &["ids", "--kind", ""],
        &["status", "--kind", ""],
        &["export", ""],
        &["pull", ""],
    ] {
        let offered = offered(folder.path(), line);
        let has = |start: &str| offered.iter().any(|it| it.starts_with(start));
        assert!(has("Goal"), "{line:?}: {offered:?}");
        assert!(
            !has("Persona") && !has("EngagementTemplate"),
            "{line:?}: {offered:?}"
        );
    }
    assert!(offered(folder.path(), &["uses", "Pers"]).contains(&"Persona/member".to_owned()));
    assert!(offered(folder.path(), &["schema", "Pers"]).contains(&"Persona".to_owned()));
}

#[test]
fn the_last_apply_is_undone_after_it_was_shown() {
    let folder = project();
    let nothing = run(folder.path(), &["undo"]).expect(3);
    assert!(
        nothing
            .stderr
            .contains("there is nothing to undo on sandbox"),
        "{}",
        nothing.stderr
    );
    run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    goal(&folder, "/thanks");
    run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    let asked = run(folder.path(), &["undo"]).expect(3); // there is no terminal
    assert!(
        asked.stdout.contains("/thanks") && asked.stdout.contains("/paid"),
        "{}",
        asked.stdout
    );
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
    run(folder.path(), &["undo", "--auto-approve"]).expect(0);
    goal(&folder, "/paid");
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
    // What was undone is undone in the same way.
    run(folder.path(), &["undo", "--auto-approve"]).expect(0);
    goal(&folder, "/thanks");
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
}

/// What is typed wrongly is answered in one form, with what to type instead.
#[test]
fn a_mistyped_word_is_answered_with_the_right_one() {
    let folder = project();
    let told = |words: &[&str]| run(folder.path(), words).expect(3).stderr;
    for (words, answer) in [
        (
            &["statsu"][..],
            "error: there is no command `statsu`\n  = help: did you mean `status`?\n",
        ),
        (
            &["xyzzy"],
            "error: there is no command `xyzzy`\n  = help: `campaignctl help` lists all commands\n",
        ),
        (
            &["plan", "--allow-mass-deletes"],
            "error: there is no flag `--allow-mass-deletes`\n  = help: did you mean `--allow-mass-delete`?\n",
        ),
        (
            &["plan", "--xyzzy"],
            "error: there is no flag `--xyzzy`\n  = help: `campaignctl help plan` lists the flags\n",
        ),
        (
            &["completion"],
            "error: the shell is missing\n  = help: name one of bash, elvish, fish, powershell, zsh\n",
        ),
    ] {
        assert_eq!(told(words), answer);
    }
    assert_eq!(told(&["help", "import"]), told(&["import"]));
}

/// A path selects files: what the others define is not undefined.
#[test]
fn a_reference_out_of_the_given_paths_names_its_file() {
    let folder = project();
    goal(&folder, "/paid");
    std::fs::create_dir(folder.path().join("campaigns")).unwrap();
    let text = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, goal: paid, targetAudiences: [nowhere] }
";
    std::fs::write(folder.path().join("campaigns/sale.yaml"), text).unwrap();
    let told = run(folder.path(), &["plan", "-e", "sandbox", "campaigns"])
        .expect(3)
        .stderr;
    assert!(
        told.contains("`Goal/paid` is defined in goal.yaml, outside of the given paths"),
        "{told}"
    );
    assert!(told.contains("define it in a manifest"), "{told}");
}

#[test]
fn an_empty_folder_leads_to_init() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["plan", "apply", "pull"] {
        let told = run(folder.path(), &[command]).expect(3).stderr;
        assert!(
            told.contains("`campaignctl init` creates a project"),
            "{told}"
        );
        assert!(told.contains("error: there are no manifests"), "{told}");
        assert!(told.lines().all(|line| line.trim() != "|"), "{told}");
    }
}
