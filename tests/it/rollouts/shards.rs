//! Shards: processes that know nothing of each other do all environments, each once; and one report over all of them.

use std::process::Stdio;

use serde_json::Value;

use super::{EACH, Fleet, landed};
use crate::support::Run;

/// Runs a shard to its end, with its report in `report-NUMBER.json`.
fn shard(fleet: &Fleet, number: u32, of: u32) -> Run {
    let (shard, file) = (format!("{number}/{of}"), format!("report-{number}.json"));
    fleet.run(&arguments(&shard, &file))
}

fn arguments<'a>(shard: &'a str, file: &'a str) -> [&'a str; 7] {
    [
        "apply",
        "--all-environments",
        "--auto-approve",
        "--shard",
        shard,
        "--json-into",
        file,
    ]
}

/// Ends the faults of the account.
#[cfg(unix)]
fn forgive(fleet: &Fleet) {
    let (status, _, _) =
        fleet
            .account()
            .call(reqwest::Method::DELETE, "/_sandbox/faults", &[], None);
    assert!((200..300).contains(&status), "{status}");
}

/// Starts a shard and kills it once it has written something, but not all.
#[cfg(unix)]
fn killed(fleet: &Fleet, number: u32, of: u32) {
    let before = fleet.commits();
    let (shard, file) = (format!("{number}/{of}"), format!("report-{number}.json"));
    // The writes behind the third one take longer than it takes to see that one.
    fleet.account().fault("POST */goals delay 60s after 3");
    let mut command = fleet.command(&arguments(&shard, &file));
    command.arg("--at-a-time").arg("1");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    while fleet.commits() < before + 3 {
        assert!(
            process.try_wait().unwrap().is_none(),
            "it ended before it was killed"
        );
        crate::support::rest();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    forgive(fleet);
    assert!(!fleet.project.path().join(file).exists());
}

#[test]
#[cfg(unix)]
fn each_environment_is_written_once_though_a_shard_is_killed() {
    const SHARDS: u32 = 4;
    let fleet = Fleet::of(24);
    killed(&fleet, 2, SHARDS);
    std::thread::scope(|scope| {
        for number in 1..=SHARDS {
            let fleet = &fleet;
            scope.spawn(move || shard(fleet, number, SHARDS).expect(0));
        }
    });
    assert_eq!(fleet.written().len(), 24);
    assert_eq!(fleet.commits(), (24 * EACH) as u64, "each once");

    let files: Vec<String> = (1..=SHARDS).map(|it| format!("report-{it}.json")).collect();
    let show = |flags: &[&str], files: &[String]| {
        let files = files.iter().map(String::as_str);
        let arguments: Vec<&str> = ["show"].into_iter().chain(files).collect();
        fleet.run(&[&arguments, flags].concat())
    };
    let whole = show(&["--format", "json"], &files).expect(0).json();
    assert_eq!(landed(&whole).lines().count(), 24);
    assert_eq!(
        whole["shards"],
        serde_json::json!(["1/4", "2/4", "3/4", "4/4"])
    );
    assert_eq!(whole["problems"], Value::Null);
    let text = show(&[], &files).expect(0).stdout;
    assert!(
        text.ends_with(" applied.\n") || text.ends_with(" unchanged.\n"),
        "{text}"
    );
    for (format, wanted) in [
        ("markdown", "| `brand-00` |"),
        ("html", "<td><bdi>brand-00</bdi></td>"),
        ("junit", "name=\"brand-00\""),
    ] {
        let shown = show(&["--format", format], &files).expect(0).stdout;
        assert!(shown.contains(wanted), "{format}: {shown}");
    }
    // A job that never ran, and one whose report came twice.
    let missing = show(&[], &files[1..]).expect(1).stdout;
    assert!(
        missing.contains("error: no report says what became of brand-"),
        "{missing}"
    );
    let doubled: Vec<String> = files.iter().chain(&files[..1]).cloned().collect();
    let doubled = show(&[], &doubled).expect(1).stdout;
    assert!(doubled.contains("is in more than one report"), "{doubled}");
    // A report of another state of the project.
    let file = fleet.project.path().join("campaignctl.yaml");
    let more = std::fs::read_to_string(&file).unwrap() + "maxFailures: 3\n";
    std::fs::write(&file, more).unwrap();
    shard(&fleet, 1, SHARDS).expect(0);
    let foreign = show(&[], &files).expect(1).stdout;
    assert!(
        foreign.contains("it is about other plans, or another state of the project"),
        "{foreign}"
    );
}

#[test]
#[cfg(unix)]
fn a_request_to_stop_ends_it_after_the_writes_under_way_and_a_later_run_goes_on() {
    let fleet = Fleet::of(6);
    fleet.account().fault("POST */goals delay 1s after 3");
    let mut command = fleet.command(&["apply", "--all-environments", "--auto-approve"]);
    command.args(["--at-a-time", "1", "--json-into", "report.json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    while fleet.commits() < 3 {
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    let id = process.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-s", "INT", &id])
        .status();
    assert!(kill.unwrap().success());
    let code = process.wait().unwrap().code();
    forgive(&fleet);
    // The second environment was under way: all of its writes were, or one was still to be sent.
    assert!(matches!(code, Some(8 | 130)), "{code:?}");
    let stopped = fleet.landed();
    assert!(stopped.starts_with("brand-00 applied 0\n"), "{stopped}");
    assert!(
        stopped.ends_with("brand-04 notStarted 130\nbrand-05 notStarted 130"),
        "{stopped}"
    );
    fleet.apply(&[]).expect(0);
    assert_eq!(fleet.written().len(), 6);
    assert_eq!(fleet.commits(), 12);
}

/// The log of a pod that was killed has no line of a report.
#[test]
fn an_empty_report_is_one_that_is_missing() {
    let fleet = Fleet::of(4);
    fleet.apply(&["--shard", "1/2"]).expect(0);
    for empty in ["", "\n"] {
        fleet.project.write("lost.json", empty);
        for files in [["lost.json", "report.json"], ["report.json", "lost.json"]] {
            let run = fleet.run(&["show", files[0], files[1]]).expect(1);
            let told = run.stdout + &run.stderr;
            assert!(told.contains("no report says what became of"), "{told}");
            assert!(told.contains("applied"), "{told}");
        }
    }
    fleet.run(&["show", "lost.json"]).expect(3);
}

#[test]
fn what_show_cannot_put_together_it_refuses() {
    let fleet = Fleet::of(2);
    fleet.plan().expect(0);
    fleet.apply(&[]).expect(0);
    let said = |arguments: &[&str]| {
        let run = fleet.run(&[&["show"], arguments].concat()).expect(3);
        run.stderr.lines().next().unwrap().to_owned()
    };
    insta::assert_snapshot!(
        [
            said(&["plans/brand-00.json", "plans/brand-01.json"]),
            said(&["report.json", "plans/brand-00.json"]),
            said(&["plans/brand-00.json", "--format", "junit"]),
            said(&["report.json", "--format", "gitlab"]),
        ]
        .join("\n"),
        @"
    error: one plan at a time
    error: `plans/brand-00.json` is not a report of a rollout: its format is `campaignctl.plan/v1`, and this program reads `campaignctl.rollout/v1`
    error: a plan has no JUnit form
    error: the report of a rollout has no form for GitLab's widget
    "
    );
}

/// The same at the pace of real accounts, and the clock time beside what the requests take at the sum of the rates:
/// `CAMPAIGNCTL_FLEET=200 cargo test --test it eight_shards -- --nocapture`, which takes some minutes.
#[test]
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
fn a_fleet_of_any_size_in_eight_shards_keeps_the_rate_of_each() {
    const SHARDS: u32 = 8;
    const RATE: f64 = 10.0;
    let Some(count) = std::env::var_os("CAMPAIGNCTL_FLEET") else {
        return;
    };
    let count: usize = count.to_str().unwrap().parse().unwrap();
    let names: Vec<String> = (0..count).map(|n| format!("brand-{n:03}")).collect();
    let rate = format!("rate: {RATE}");
    let environments = names.iter().map(|it| (it.as_str(), rate.as_str()));
    let fleet = Fleet::new(&environments.collect::<Vec<_>>(), "");
    killed(&fleet, 2, SHARDS);
    let requests = || {
        fleet.account().get("/_sandbox/stats")["requests"]
            .as_f64()
            .unwrap()
    };
    let (first, started) = (requests(), std::time::Instant::now());
    let times: Vec<f64> = std::thread::scope(|scope| {
        let shards: Vec<_> = (1..=SHARDS)
            .map(|number| {
                let fleet = &fleet;
                scope.spawn(move || {
                    shard(fleet, number, SHARDS).expect(0);
                    started.elapsed().as_secs_f64()
                })
            })
            .collect();
        shards.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let (clock, requests) = (started.elapsed().as_secs_f64(), requests() - first);
    assert_eq!(fleet.written().len(), count);
    assert_eq!(fleet.commits(), (count * EACH) as u64, "each once");
    let files: Vec<String> = (1..=SHARDS).map(|it| format!("report-{it}.json")).collect();
    let size = |file: &String| {
        fleet.document(file)["environments"]
            .as_array()
            .unwrap()
            .len()
    };
    let sizes: Vec<usize> = files.iter().map(size).collect();
    let arguments = ["show"].into_iter().chain(files.iter().map(String::as_str));
    let shown = fleet.run(&arguments.collect::<Vec<_>>()).expect(0);
    let bound = requests / (RATE * f64::from(SHARDS));
    let summary = shown.stdout.lines().last().unwrap();
    eprintln!("{summary}\nshards of {sizes:?} environments ended after {times:.1?} s");
    eprintln!("{requests} requests in {clock:.1} s; at the sum of the rates: {bound:.1} s");
}
