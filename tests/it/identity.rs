//! The files of manifests: one name on every machine, and what is merely not read is not gone.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::copy_folder;
use crate::support::{GOALS, Project, Run};

fn goal(name: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: Goal {name} }}\n"
    )
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A checkout with a project, a folder beside it that it reads, and a link into a third one.
fn checkout(project: &Project, place: &Path) {
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = format!("manifests: [manifests, ../shared, linked]\n{file}");
    write(&place.join("shop/campaignctl.yaml"), &file);
    write(&place.join("shop/manifests/a.yaml"), &goal("a"));
    write(&place.join("shared/b.yaml"), &goal("b"));
    write(&place.join("shared/c.yaml"), &goal("c"));
    write(&place.join("third/d.yaml"), &goal("d"));
    symlink("../third", place.join("shop/linked")).unwrap();
}

fn run(project: &Project, here: &Path, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command.current_dir(here).output().unwrap().into()
}

fn outer() -> (TempDir, PathBuf, PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(outer.path()).unwrap();
    (outer, root.join("here"), root.join("runner/there"))
}

#[test]
fn a_file_has_one_identity_on_every_machine_and_from_every_folder() {
    let project = Project::new();
    let (outer, here, there) = outer();
    checkout(&project, &here);
    let shop = here.join("shop");
    let apply = [
        "apply",
        "--auto-approve",
        "--audit-log",
        "audit",
        "--json-into",
        "outcome",
    ];
    run(&project, &shop, &apply).expect(0);
    // Another machine: the same tree, the ledger included, at another place.
    copy_folder(&here, &there);
    std::fs::remove_dir_all(there.join("shop/linked")).unwrap();
    symlink("../third", there.join("shop/linked")).unwrap();
    copy_folder(&shop.join(".campaignctl"), &there.join("shop/.campaignctl"));
    let mut plans = Vec::new();
    for (folder, arguments) in [
        (here.join("shop"), vec![]),
        (here.clone(), vec!["--project", "shop"]),
        (here.join("shared"), vec!["--project", "../shop"]),
        (there.join("shop"), vec![]),
        (there.clone(), vec!["--project", "shop"]),
    ] {
        for place in [&here, &there] {
            std::fs::remove_file(place.join("shared/b.yaml")).ok();
            write(
                &place.join("shop/manifests/a.yaml"),
                &goal("a").replace("Goal a", "A"),
            );
        }
        let arguments = [&["plan", "--out", "plan.json"], &arguments[..]].concat();
        run(&project, &folder, &arguments).expect(0);
        let plan = std::fs::read_to_string(folder.join("plan.json")).unwrap();
        assert!(!plan.contains(&*outer.path().to_string_lossy()), "{plan}");
        let mut plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        for what_dates_it in ["id", "createdAt", "project", "digest"] {
            plan.as_object_mut().unwrap().remove(what_dates_it);
        }
        plans.push(plan);
    }
    assert_eq!(plans[0]["summary"]["delete"], 1, "{}", plans[0]);
    assert!(plans.iter().all(|plan| *plan == plans[0]), "{plans:#?}");
    for artefact in [".campaignctl/ledger/test.json", "audit", "outcome"] {
        let text = std::fs::read_to_string(shop.join(artefact)).unwrap();
        assert!(
            !text.contains(&*outer.path().to_string_lossy()),
            "{artefact}: {text}"
        );
    }
}

#[test]
fn what_is_not_read_is_left_alone_and_the_plan_says_so() {
    let project = Project::new();
    let (_outer, here, _) = outer();
    checkout(&project, &here);
    let shop = here.join("shop");
    run(&project, &shop, &["apply", "--auto-approve"]).expect(0);
    let before = project.account.names(GOALS);
    let left = |arguments: &[&str], said: &str| {
        let plan = run(&project, &shop, &[&["plan"], arguments].concat()).expect(0);
        assert!(plan.stdout.contains("Not changed: "), "{}", plan.stdout);
        assert!(plan.stdout.contains(said), "{}", plan.stdout);
        assert!(!plan.stdout.contains("No changes"), "{}", plan.stdout);
        assert!(plan.stdout.contains(" 0 to delete,"), "{}", plan.stdout);
        let json = [&["plan", "--format", "json"], arguments].concat();
        assert!(
            run(&project, &shop, &json)
                .expect(0)
                .stdout
                .contains("\"leftAlone\"")
        );
        let drift = run(&project, &shop, &[&["drift"], arguments].concat()).expect(0);
        assert!(drift.stdout.contains("Not changed: "), "{}", drift.stdout);
        run(
            &project,
            &shop,
            &[&["apply", "--auto-approve"], arguments].concat(),
        )
        .expect(0);
        assert_eq!(project.account.names(GOALS), before);
    };
    left(
        &["manifests"],
        "Goal/b: ../shared/b.yaml is outside of the paths of this run",
    );
    std::fs::remove_file(shop.join("linked")).unwrap();
    let file = shop.join("campaignctl.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(", linked]", "]")).unwrap();
    left(&[], "Goal/d: the link to linked/d.yaml leads to nothing");
    symlink("../third", shop.join("linked")).unwrap();
    left(
        &[],
        "Goal/d: linked/d.yaml is outside of the paths of this run",
    );
    std::fs::write(&file, &text).unwrap();
    let whole = run(&project, &shop, &["plan"]).expect(0);
    assert!(whole.stdout.contains("No changes"), "{}", whole.stdout);
    // What is gone is gone: the file of a folder that is read, and of a link that is there and leads to something.
    write(&here.join("third/e.txt"), "");
    std::fs::remove_file(here.join("shared/b.yaml")).unwrap();
    std::fs::remove_file(here.join("third/d.yaml")).unwrap();
    let plan = run(&project, &shop, &["plan"]).expect(0);
    assert!(plan.stdout.contains(" 2 to delete,"), "{}", plan.stdout);
}

#[test]
fn a_manifest_that_moves_to_where_nothing_is_read_is_not_gone() {
    let project = Project::new();
    let base = project.path().to_owned();
    write(&base.join("sub/a.yaml"), &goal("a"));
    write(&base.join("b.YML"), &goal("b"));
    write(
        &base.join("c.yaml"),
        &format!("{}---\n{}", goal("c"), goal("d")),
    );
    project.apply();
    for (from, to) in [
        ("sub/a.yaml", "node_modules/x/a.yaml"),
        ("sub/a.yaml", "sub/.a.yaml"),
        ("sub/a.yaml", ".sub/deep/a.yml"),
        ("b.YML", "b.txt"),
        ("b.YML", "b.yaml.bak"),
        ("c.yaml", "c.yaml~"),
    ] {
        write(&base.join(to), "");
        std::fs::rename(base.join(from), base.join(to)).unwrap();
        let plan = project.plan();
        assert!(plan.contains("0 to delete"), "{to}: {plan}");
        let said = format!(": {to} has its manifest, and is not read\n");
        assert!(plan.contains(&said), "{plan}");
        let target = project.run(&["plan", "--target", "Goal/a"]).expect(0);
        assert!(
            target.stdout.contains("0 to delete"),
            "{to}: {}",
            target.stdout
        );
        std::fs::rename(base.join(to), base.join(from)).unwrap();
    }
    let fifo = base.join("sub/a.yaml");
    std::fs::remove_file(&fifo).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let plan = project.plan();
    assert!(
        plan.contains("0 to delete") && plan.contains("Not changed: 1 owned object"),
        "{plan}"
    );
    std::fs::remove_file(&fifo).unwrap();
    // Copies that other manifests have nothing to do with hold nothing back.
    write(&base.join("old.txt"), &goal("somebody-elses"));
    let plan = project.plan();
    assert!(plan.contains("1 to delete"), "{plan}");
}

#[test]
fn a_manifest_that_moves_out_of_the_paths_and_stays_in_the_project_is_not_gone() {
    let project = Project::new();
    let base = project.path().to_owned();
    let file = base.join("campaignctl.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    write(&file, &format!("manifests: [m]\n{text}"));
    write(&base.join("m/keep.yaml"), &goal("keep"));
    write(&base.join("m/sub/move.yaml"), &goal("move"));
    project.run(&["apply", "--auto-approve"]).expect(0);
    let names = project.account.names(GOALS);
    for to in [
        "other/move.yaml",
        "archive/2026/moved.yml",
        ".old/move.yaml",
        "old/move.yaml.bak",
        "node_modules/a/move.yaml",
        "m/sub/.move.yaml.swp",
        "m/.old/move.yaml.bak",
        "m/node_modules/move.yaml.bak",
        "node_modules/a/move.txt",
        "m/node_modules/move",
    ] {
        write(&base.join(to), "");
        std::fs::rename(base.join("m/sub/move.yaml"), base.join(to)).unwrap();
        for arguments in [&["plan"][..], &["plan", "m"]] {
            let plan = project.run(arguments).expect(0).stdout;
            let said = format!("{to} has its manifest, and is not read");
            assert!(plan.contains("0 to delete"), "{to}: {plan}");
            assert!(plan.contains(&said), "{to}: {plan}");
        }
        project.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(project.account.names(GOALS), names, "{to}");
        std::fs::rename(base.join(to), base.join("m/sub/move.yaml")).unwrap();
    }
    // What another project holds is another object.
    write(&base.join("b/campaignctl.yaml"), "project: other\n");
    std::fs::rename(base.join("m/sub/move.yaml"), base.join("b/move.yaml")).unwrap();
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

/// A project that owns `keep` and `move`, whose manifests are `m/keep.yaml` and `m/sub/move.yaml`.
fn owner() -> Project {
    let project = Project::new();
    let file = project.path().join("campaignctl.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    write(&file, &format!("manifests: [m]\n{text}"));
    project.write("m/keep.yaml", &goal("keep"));
    project.write("m/sub/move.yaml", &goal("move"));
    project.run(&["apply", "--auto-approve"]).expect(0);
    project
}

#[track_caller]
fn keeps(project: &Project, what: &str) {
    let run = project.run(&["plan"]).expect(0);
    assert!(run.stdout.contains("0 to delete"), "{what}: {}", run.stdout);
    assert!(run.stdout.contains("Goal/move"), "{what}: {}", run.stdout);
}

#[test]
fn a_manifest_in_a_file_that_is_hard_to_read_is_not_gone() {
    let long = format!("# {}\n", "x".repeat(5_000));
    let large = format!("# {}\n", "x".repeat(1_500_000));
    let huge = format!("# {}\n", "x".repeat(5_000_000));
    for (to, text) in [
        ("old/a.yaml", format!("{long}{}", goal("move"))),
        ("old/b.yaml", format!("{large}{}", goal("move"))),
        ("old/c.yaml", format!("{huge}{}", goal("move"))),
        ("old/d.yaml", format!("{}x: [\n", goal("move"))),
        (
            "m/e.orig",
            format!("<<<<<<< ours\n{}=======\n>>>>>>> theirs\n", goal("move")),
        ),
        ("old/f.bak", format!("{}\u{0}", goal("move"))),
        (
            "old/h.yaml",
            format!(
                "{}x: [\n",
                goal("move").replace("kind: Goal", "\"kind\" : &k \"Goal\"")
            ),
        ),
    ] {
        let project = owner();
        std::fs::remove_file(project.path().join("m/sub/move.yaml")).unwrap();
        project.write(to, &text);
        keeps(&project, to);
    }
    // Another name in such a file keeps nothing.
    let project = owner();
    std::fs::remove_file(project.path().join("m/sub/move.yaml")).unwrap();
    project.write("old/g.yaml", &format!("{}x: [\n", goal("moved")));
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

/// What an overlay says counts while its file is there: emptied, it would publish what it kept back.
#[test]
fn an_overlay_file_that_was_emptied_stops_the_run() {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = format!("manifests: [base]\n{file}    overlays: [ov]\n");
    project.write("campaignctl.yaml", &file);
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: g }\nspec: { displayName: G, indicator: { type: url, url: /a } }\n";
    project.write("base/g.yaml", goal);
    let overlay = "kind: Goal\nmetadata: { name: g }\nspec: { displayName: H }\n";
    project.write("ov/g.yaml", overlay);
    project.run(&["apply", "--auto-approve"]).expect(0);
    for empty in ["", "\n", "---\n", "\u{feff}\n---\n...\n"] {
        project.write("ov/g.yaml", empty);
        for command in [&["validate"][..], &["plan"], &["apply", "--auto-approve"]] {
            let output = project.run(command);
            assert_eq!(output.code, Some(3), "{empty:?}: {}", output.stdout);
            let told = output.stdout + &output.stderr;
            assert!(told.contains("this overlay file holds nothing"), "{told}");
        }
    }
    // Commenting all of it out is a decision.
    project.write("ov/g.yaml", &format!("# {}", overlay.replace('\n', "\n# ")));
    assert_eq!(project.run(&["validate"]).code, Some(0));
}

/// A write that failed, or a merge, leaves a file without its documents; a person who wants to delete removes the file.
#[test]
fn a_file_that_holds_nothing_takes_nothing_away() {
    let project = owner();
    let whole = std::fs::read_to_string(project.path().join("m/sub/move.yaml")).unwrap();
    let commented = format!("# {}", whole.trim_end().replace('\n', "\n# "));
    for empty in [
        "",
        "\n",
        "---\n",
        "---\n---\n...\n",
        "\u{feff}",
        "# nothing\n",
        &commented,
    ] {
        project.write("m/sub/move.yaml", empty);
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(
            plan.contains("is there and holds no manifest"),
            "{empty:?}: {plan}"
        );
        assert!(!plan.contains("No changes"), "{empty:?}: {plan}");
        assert!(plan.contains("0 to delete"), "{empty:?}: {plan}");
        let apply = project.run(&["apply", "--auto-approve"]);
        assert_eq!(apply.code, Some(0), "{empty:?}: {}", apply.stderr);
    }
    std::fs::remove_file(project.path().join("m/sub/move.yaml")).unwrap();
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

/// A sparse checkout leaves files out of the folder, and git knows of no removal.
#[test]
fn a_manifest_that_a_sparse_checkout_leaves_out_is_not_gone() {
    let project = owner();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        let git = git.current_dir(project.path()).args(arguments);
        let git = git
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        let output = git.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&[
        "-c",
        "user.name=n",
        "-c",
        "user.email=n@example.com",
        "commit",
        "-qm",
        "all",
    ]);
    git(&["update-index", "--skip-worktree", "m/sub/move.yaml"]);
    project.remove("m/sub/move.yaml");
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("Goal/move: git has not checked out m/sub/move.yaml"),
        "{plan}"
    );
    git(&["update-index", "--no-skip-worktree", "m/sub/move.yaml"]);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

#[test]
fn a_manifest_in_a_submodule_that_is_not_checked_out_is_not_gone() {
    let project = owner();
    std::fs::remove_dir_all(project.path().join("m/sub")).unwrap();
    std::fs::create_dir(project.path().join("m/sub")).unwrap();
    let modules = "[submodule \"shared\"]\n\tpath = m/sub\n\turl = ../shared.git\n";
    project.write(".gitmodules", modules);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("Goal/move: git has not checked out m/sub/move.yaml"),
        "{plan}"
    );
    // Checked out, and without the manifest.
    project.write("m/sub/.git", "gitdir: ../../.git/modules/shared\n");
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

#[test]
fn a_manifest_that_moves_to_an_unread_place_among_overlays_is_not_gone() {
    for to in ["ov/.old/move.yaml", "ov/move.yaml.bak"] {
        let project = owner();
        let file = project.path().join("campaignctl.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replacen("    account:", "    overlays: [ov]\n    account:", 1);
        write(&file, &text);
        project.write(
            "ov/keep.yaml",
            "kind: Goal\nmetadata: { name: keep }\nspec: { description: x }\n",
        );
        project.write(to, "");
        let from = project.path().join("m/sub/move.yaml");
        std::fs::rename(from, project.path().join(to)).unwrap();
        keeps(&project, to);
    }
}

#[test]
fn a_manifest_behind_a_link_that_is_not_read_is_not_gone() {
    for link in ["m/.sub", "old", "m/lnk.txt"] {
        let project = owner();
        let shared = tempfile::tempdir().unwrap();
        let there = shared.path().join("move.yaml");
        std::fs::rename(project.path().join("m/sub/move.yaml"), &there).unwrap();
        let target = if link == "m/lnk.txt" {
            there.as_path()
        } else {
            shared.path()
        };
        symlink(target, project.path().join(link)).unwrap();
        keeps(&project, link);
    }
}

#[test]
fn a_broken_link_in_the_place_of_a_folder_takes_nothing_away() {
    for place in ["m/sub", "m/sub/move.yaml"] {
        let project = owner();
        std::fs::remove_file(project.path().join("m/sub/move.yaml")).unwrap();
        let place = project.path().join(place);
        let _ = std::fs::remove_dir(&place);
        symlink("../../nowhere", &place).unwrap();
        let run = project.run(&["plan"]);
        assert!(!run.stdout.contains("delete Goal/move"), "{}", run.stdout);
    }
}

#[test]
fn a_file_that_is_not_read_is_named_from_where_the_run_is() {
    let project = owner();
    project.write("arch/a.yaml", "");
    let (from, to) = (
        project.path().join("m/sub/move.yaml"),
        project.path().join("arch/move.yaml"),
    );
    std::fs::rename(from, to).unwrap();
    for (here, shown) in [("", "arch/move.yaml"), ("m", "../arch/move.yaml")] {
        let mut command = project.command(&["plan"]);
        let run: Run = command
            .current_dir(project.path().join(here))
            .output()
            .unwrap()
            .into();
        let said = format!("Goal/move: {shown} has its manifest, and is not read");
        assert!(run.stdout.contains(&said), "{}", run.stdout);
    }
}

#[test]
fn a_manifest_of_another_ending_is_reported() {
    let project = Project::with(&goal("read"));
    let goal = goal("a");
    let json = r#"{
  "apiVersion": "campaignctl.dev/v1", "kind": "Goal", "metadata": { "name": "b" }, "spec": {} }"#;
    for (file, text) in [
        ("a.yaml.bak", goal.as_str()),
        ("a.yml~", goal.as_str()),
        ("b.json", json),
        ("k.txt", &format!("# ours\n---\n{goal}")),
        ("plain", &goal),
    ] {
        let path = project.path().join(file);
        project.write(file, text);
        for command in ["validate", "plan", "fmt"] {
            let run = project.run(&[command]).expect(0);
            let told = format!("`{file}` (another ending than `.yaml`)");
            assert!(
                run.stderr.contains(&told),
                "{command} {file}: {}",
                run.stderr
            );
        }
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_is_skipped_is_reported() {
    let project = Project::new();
    project.write("target/a.yaml", &goal("a"));
    project.write("b.YAML", &goal("b"));
    project.write("c.Yml", &goal("c"));
    let run = project.run(&["validate"]).expect(0);
    assert!(
        run.stdout.starts_with("3 manifests in 3 files "),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    project.write("node_modules/x/d.yaml", &goal("d"));
    project.write(".drafts/e.yaml", &goal("e"));
    project.write(".github/workflows.yml", "on: push\n");
    symlink("/dev/zero", project.path().join("zero.yaml")).unwrap();
    symlink("nowhere", project.path().join("later")).unwrap();
    // A page that quotes a manifest, a plan and other people's data are no manifests.
    project.write(
        "page.md",
        &format!("# A goal\n\nWrite this:\n\n    {}", goal("f")),
    );
    project.write(
        "data.json",
        r#"{ "format": "campaignctl.dev/plan/v1", "apiVersion": 1 }"#,
    );
    for command in ["validate", "plan"] {
        let run = project.run(&[command]).expect(0);
        assert!(
            run.stderr.contains("note: 4 paths are skipped and may hold manifests: `.drafts` (hidden), `later` (a broken link), `node_modules` (packages), `zero.yaml` (not a regular file)\n"),
            "{}",
            run.stderr
        );
    }
    let named = project
        .run(&["validate", "node_modules/x", ".drafts"])
        .expect(0);
    assert!(
        named.stdout.starts_with("2 manifests in 2 files "),
        "{}",
        named.stdout
    );
}
