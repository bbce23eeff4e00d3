//! The project file: text in, complaints out; and what its values mean.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::diag::yaml::{AMBIGUOUS_SCALAR, YAML_SYNTAX};
use crate::diag::{Code, Severity};
use crate::text::{FileId, Limits, Source, yaml};

const DAY: Date = Date::constant(2026, 6, 1);

fn read(text: &str) -> Texts {
    let mut texts = Texts::default();
    let file: FileId = texts.sources.push(Source {
        path: PROJECT_FILE.to_owned(),
        text: text.to_owned(),
    });
    texts.documents = yaml::parse(file, text, &Limits::default()).0;
    texts
}

fn catalog() -> Catalog {
    let codes: Vec<&'static Code> = vec![&YAML_SYNTAX, &AMBIGUOUS_SCALAR];
    Catalog {
        codes,
        fixed: BTreeSet::from(["yaml-syntax"]),
    }
}

fn parsed(text: &str) -> Project {
    let (project, diags) = parse(&read(text), &catalog());
    assert!(diags.is_empty(), "{diags:?}");
    project
}

fn complaints(text: &str) -> String {
    let texts = read(text);
    let (_, diags) = parse(&texts, &catalog());
    let lines = diags.located(&texts).into_iter().map(|(diagnostic, at)| {
        let at = at.unwrap();
        let help = diagnostic.help.as_deref().unwrap_or("-");
        let (code, message) = (diagnostic.code.name, &diagnostic.message);
        format!("{}:{} {code} {message}; {help}\n", at.line, at.column)
    });
    lines.collect()
}

#[test]
fn every_complaint_has_a_place() {
    let text = "\
variables: { a b: 1, list: [[x]], nothing: null }
rules: { ambiguous-scalar: of }
environments:
  sandbox:
    prune: { exclusive: [Gaol] }
    guards: { maxDeletePercent: 130 }
";
    let expected = "\
1:14 invalid-value `a b` is not a name for this; a name has letters, digits, `-` and `_`, and starts with a letter
1:29 wrong-type a list is not a text or a number or `true` or `false`; it takes a text or a number or `true` or `false`
1:44 wrong-type `nothing` is empty; it takes a text or a number or `true` or `false` or a list
2:28 invalid-value `of` is not one of `error`, `warn`, `off`; did you mean `off`?
5:26 invalid-value `Gaol` is not one of `Goal`, `TargetAudience`, `SpecialOccasion`, `EngagementWindow`, `EntryPoint`, `Behavior`, `Campaign`, `Engagement`, `ApiHandoff`; did you mean `Goal`?
6:33 invalid-value 130 is greater than the maximum of 100; the largest share of the owned objects of a kind that a plan may delete, in percent
";
    assert_eq!(complaints(text), expected);
}

#[test]
fn a_wrong_word_of_a_webhook_is_named_by_its_words_alone() {
    let text = "\
environments:
  production:
    notify:
      - { url: { env: HOOK }, kind: slak, on: [apply, hunter2] }
      - { url: hunter2, kind: [hunter2] }
";
    let expected = "\
4:37 invalid-value the value is not one of `slack`, `teams`, `json`; did you mean `slack`?
4:55 invalid-value the value is not one of `apply`, `drift`, `failure`; write one of these words
5:16 wrong-type secrets must not be written in this file; name where it is kept: `{ env: NAME }` or `{ file: PATH }`
5:31 invalid-value the value is not one of `slack`, `teams`, `json`; write one of these words
";
    assert_eq!(complaints(text), expected);
}

#[test]
fn what_the_schema_cannot_say_is_checked_too() {
    let text = "\
rules: { ambiguous-scala: warn, yaml-syntax: off }
environments:
  sandbox: { overlays: [./], rules: { yaml-syntax: error, yaml-synta: error } }
";
    let expected = "\
1:10 unknown-rule there is no diagnostic `ambiguous-scala`; did you mean `ambiguous-scalar`?
1:33 fixed-rule `yaml-syntax` is always an error; remove the line: what comes after this error would not be sound
3:25 project-environment the overlay folder `./` holds the manifests of `.`; keep overlays in a folder of their own, `overlays/staging`
3:59 unknown-rule there is no diagnostic `yaml-synta`; did you mean `yaml-syntax`?
";
    assert_eq!(complaints(text), expected);
}

#[test]
fn what_runs_of_one_environment_keep_is_no_ledger_of_another() {
    let text = "\
environments:
  sandbox: { ledger: shared/one }
  sandbox.rollback.plan: { domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  two: { ledger: ./shared/one.json, domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  two.rollback.plan: { domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  three: { ledger: shared/one, domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  four: { ledger: shared/one.lock, domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  five: { domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
  five.rollback.plan: { domainApi: \"http://127.0.0.1:1\", account: \"1\", credentials: { bearer: { env: T } } }
";
    let expected = "\
4:3 project-environment runs of `two` and runs of `sandbox` would both write `shared/one.rollback.plan.json`; rename the environment, or name another file in `ledger`
7:3 project-environment runs of `four` and runs of `sandbox` would both write `shared/one.lock`; rename the environment, or name another file in `ledger`
9:3 project-environment runs of `five.rollback.plan` and runs of `five` would both write `.campaignctl/ledger/five.rollback.plan.json`; rename the environment, or name another file in `ledger`
";
    assert_eq!(complaints(text), expected);
}

#[test]
fn prune_names_its_kinds_when_it_is_exclusive() {
    let prune = |text: &str| {
        let project = parsed(&format!("environments: {{ sandbox: {{ {text} }} }}"));
        project.environments[SANDBOX]
            .prune
            .clone()
            .unwrap_or_default()
    };
    assert_eq!(prune(""), Prune::Owned);
    assert!(!prune("prune: none").deletes_owned());
    let exclusive = prune("prune: { exclusive: [Goal, Campaign] }");
    let names: Vec<_> = exclusive
        .exclusive()
        .iter()
        .map(|kind| kind.name())
        .collect();
    assert_eq!(names, ["Goal", "Campaign"]);
    assert!(exclusive.deletes_owned());
    assert!(
        complaints("environments: { sandbox: { prune: exclusive } }").contains("`owned`, `none`")
    );
    assert!(
        complaints("environments: { sandbox: { prune: { exclusive: [] } } }").contains("1 item")
    );
}

#[test]
fn guards_have_documented_defaults() {
    let project = parsed("environments: { sandbox: { guards: { maxDeletePercent: 5 } } }");
    let Guards {
        max_delete_percent,
        max_update_percent,
        minimum_objects,
        protect_published,
        unexpected_impact,
    } = project.environments[SANDBOX].guards;
    assert_eq!(
        (max_delete_percent, max_update_percent, minimum_objects),
        (5, 30, 10)
    );
    assert!(protect_published && !unexpected_impact);
}

#[test]
fn the_run_overrides_the_environment_which_overrides_the_project() {
    let project = parsed(
        "variables: { brand: A, cap: 1, open: false, apps: [a], version: '1' }\n\
         environments: { sandbox: { variables: { brand: B } } }",
    );
    let given = |entries: &[(&str, &str)]| -> GivenVariables {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        entries.iter().map(owned).collect()
    };
    assert_eq!(
        project.variables_of(SANDBOX, &GivenVariables::new()).0["brand"],
        "B"
    );
    assert_eq!(
        project.variables_of("other", &GivenVariables::new()).0["brand"],
        "A"
    );
    let entries = [
        ("brand", "true"),
        ("cap", "2"),
        ("open", "true"),
        ("apps", "[x, y]"),
        ("version", "2"),
    ];
    let (variables, diags) = project.variables_of(SANDBOX, &given(&entries));
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(
        serde_json::to_value(variables).unwrap(),
        json!({ "brand": "true", "cap": 2, "open": true, "apps": ["x", "y"], "version": "2" })
    );
    let (_, diags) = project.variables_of(SANDBOX, &given(&[("cap", "many"), ("apps", "x")]));
    let messages: Vec<_> = diags
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "`--var apps=x`: the variable is declared as a list, `[a, b]`",
            "`--var cap=many`: the variable is declared as a number"
        ]
    );
    let entries = [
        ("a", "7"),
        ("b", "1.10"),
        ("c", "no"),
        ("d", "true"),
        ("e", "[1, two]"),
        ("f", ""),
    ];
    let (variables, _) = Project::default().variables_of(SANDBOX, &given(&entries));
    assert_eq!(
        serde_json::to_value(variables).unwrap(),
        json!({ "a": 7, "b": "1.10", "c": "no", "d": true, "e": [1, "two"], "f": "" })
    );
}

#[test]
fn rules_change_severities_and_the_environment_has_the_last_word() {
    let project = parsed(
        "rules: { ambiguous-scalar: error }\nenvironments: { sandbox: { rules: { ambiguous-scalar: 'off' } } }",
    );
    let diags = || Diags::from_iter([Diagnostic::new(&AMBIGUOUS_SCALAR, Location::Run, "x")]);
    let severities = |diags: Diags| diags.iter().map(|it| it.severity).collect::<Vec<_>>();
    assert_eq!(
        severities(
            project
                .rules_of("other", DAY)
                .apply(diags(), &Texts::default())
        ),
        [Severity::Error]
    );
    assert_eq!(
        severities(
            project
                .rules_of(SANDBOX, DAY)
                .apply(diags(), &Texts::default())
        ),
        []
    );
}

#[test]
fn the_word_off_is_meant_where_it_is_a_level() {
    let text = "rules: { ambiguous-scalar: off }\nproject: off\n";
    let texts = read(text);
    let (_, errors) = yaml::parse(FileId(0), text, &Limits::default());
    let diags: Diags = errors
        .into_iter()
        .map(|error| crate::diag::yaml::diagnostic(FileId(0), error))
        .collect();
    let left = without_level_words(diags, &texts);
    let places: Vec<_> = left
        .located(&texts)
        .into_iter()
        .map(|(_, at)| at.unwrap().line)
        .collect();
    assert_eq!(places, [2]);
}

const RINGS: &str = "\
environments:
  a: { account: '1', credentials: { bearer: { env: T } }, labels: { ring: 1, region: emea } }
  b: { account: '2', credentials: { bearer: { env: T } }, labels: { ring: '2', canary: 'no' } }
  c: { account: '3', credentials: { bearer: { env: T } } }
";

#[test]
fn an_environment_is_in_the_first_wave_that_selects_it() {
    let waves = "\
waves: [{ select: ring=1 }, { select: 'ring,region!=emea', after: 1h30m }, { select: region=emea }]
maxFailures: 2
";
    let project = parsed(&format!("{waves}{RINGS}"));
    let wave = |name| project.wave_of(name);
    assert_eq!(
        (wave("a"), wave("b"), wave("c"), wave("d")),
        (Some(1), Some(2), None, None)
    );
    let pauses: Vec<_> = project
        .waves
        .iter()
        .map(|it| it.pause().as_secs())
        .collect();
    assert_eq!((pauses, project.max_failures), (vec![0, 5400, 0], 2));
}

#[test]
fn a_wave_that_cannot_be_followed_is_an_error() {
    let waves = "\
waves: [{ select: ring=1, after: 1h }, { select: rign=2 }, { select: '=' }, { select: zone, after: soon }, { select: '!ring', after: 1h }]
";
    assert_eq!(
        complaints(&format!("{waves}{RINGS}")),
        "\
1:27 project-wave the first wave has none to wait for; remove `after`, or move it to a later wave
1:42 project-wave the wave `rign=2` selects no environment; did you mean `ring=2`?
1:62 project-wave `=` is not key=value, key!=value, key or !key; write the labels as for `--selector`, `ring=1`
1:79 project-wave the wave `zone` selects no environment; give an environment such a label, `labels: { ring: 1 }`, or remove the wave
1:93 project-wave `soon` is not a time; write a number and a unit, `30m`, `1h` or `24h`
"
    );
    assert!(
        complaints("environments: { sandbox: { labels: { ring: 1.5 } } }").contains("wrong-type")
    );
}

#[test]
fn a_clevertap_account_names_its_region_and_its_zone() {
    let of = |more: &str| {
        complaints(&format!(
            "environments:\n  shop:\n    account: \"12345678\"\n    credentials: {{ bearer: {{ env: TOKEN }} }}\n    clevertap: {{ account: {{ env: A }}, passcode: {{ env: P }}, {more} }}\n"
        ))
    };
    assert_eq!(of("region: in1, timeZone: Asia/Kolkata"), "");
    assert_eq!(
        of("region: in9"),
        "5:69 invalid-value the value is not one of `eu1`, `in1`, `us1`, `sg1`, `aps3`, `mec1`, `sk1`; did you mean `in1`?\n"
    );
    assert_eq!(
        of("region: in1, timeZone: Asia/Kolkatta"),
        "5:74 project-environment `timeZone` is not a time zone; did you mean `Asia/Kolkata`?\n"
    );
}
