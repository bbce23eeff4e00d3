//! What is told in which order, and what is not told where something else is wrong.

use insta::assert_snapshot;
use jiff::civil::date;

use super::*;
use crate::diag::Code;
use crate::load::no_manifests;

/// What is told where `files` is wrong with the files, `inside` with the environments, and there is no manifest where
/// `is_empty`. The project file declares a variable.
fn told(files: &[&'static Code], inside: &[&'static Code], is_empty: bool, is_cut: bool) -> String {
    let project = Project {
        variables: [("brand".to_owned(), "Kahawa".into())].into(),
        ..Project::default()
    };
    let complaint = |code: &&'static Code| Diagnostic::new(code, Location::Run, code.name);
    let found = Diagnosis {
        files: files.iter().map(complaint).collect(),
        environments: inside.iter().map(complaint).collect(),
        used: [("sandbox".to_owned(), BTreeSet::new())].into(),
        is_cut,
        is_empty,
    };
    let scope = DiagnoseScope {
        project: &project,
        sources: &Sources::default(),
        file: None,
        given: &GivenVariables::new(),
        today: date(2030, 1, 1),
        is_partial: false,
    };
    let rules = project.rules_of("sandbox", scope.today);
    let all = scope.whole((&rules, &Texts::default()), found, || {
        Some(no_manifests(&["goals".into()]))
    });
    let lines: Vec<&str> = all.iter().map(|it| it.message.as_str()).collect();
    lines.join("\n")
}

const FILE: &Code = &crate::load::FILE_UNREADABLE;
const MANIFEST: &Code = &NOT_A_MANIFEST;

#[test]
fn files_come_first_and_what_nothing_refers_to_last() {
    assert_snapshot!(told(&[], &[MANIFEST], false, false), @r"
    not-a-manifest
    no manifest refers to the variable `brand`
    ");
}

#[test]
fn a_reference_may_stand_in_what_cannot_be_read() {
    assert_snapshot!(told(&[FILE], &[MANIFEST], false, false), @r"
    file-unreadable
    not-a-manifest
    ");
    assert_snapshot!(told(&[], &[MANIFEST], false, true), @"not-a-manifest");
}

#[test]
fn that_there_is_nothing_is_told_where_nothing_else_says_why() {
    assert_snapshot!(told(&[], &[], true, true), @"there is no manifest in `goals`");
    assert_snapshot!(told(&[FILE], &[], true, false), @"file-unreadable");
}
