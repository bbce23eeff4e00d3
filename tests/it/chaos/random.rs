//! Random sequences of edits in the files, edits in the console, faults, deaths and applies. Whatever happened:
//! after the faults stop, one apply converges, the next plan is empty, and no foreign object changed.
//!
//! `CHAOS_CASES=2000` tries so many sequences, `CHAOS_SEED=17` that one only.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::draw::Draw;
use super::insides;
use super::number;
use super::wanted::Wanted;
use super::world::{Came, Course, World};
use crate::support::{AUDIENCES, Account, CAMPAIGNS, GOALS, WINDOWS, plain};

#[test]
fn after_the_faults_stop_one_apply_converges() {
    let mut world = World::new();
    let mut tally = Tally::default();
    let seeds = match number("CHAOS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CHAOS_CASES").unwrap_or(10),
    };
    for seed in seeds {
        world.begin();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            sequence(&world, seed, &mut tally);
        }));
        if let Err(panic) = done {
            eprintln!("the case is CHAOS_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
    println!("{tally:?}");
    assert_eq!(tally.twice, 0);
}

/// What happened in all sequences.
#[derive(Debug, Default)]
struct Tally {
    sequences: usize,
    applies: usize,
    died: usize,
    refused: usize,
    failed_steps: usize,
    steps: usize,
    struck: u64,
    console_edits: usize,
    twice: usize,
}

/// A sequence, and what it has to end in.
fn sequence(world: &World, seed: u64, tally: &mut Tally) {
    let mut draw = Draw::new(seed);
    let mut foreign = Foreign::default();
    let mut wanted = Wanted::new(&mut draw);
    let mut interrupted = None;
    for _ in 0..2 + draw.below(5) {
        for _ in 0..=draw.below(4) {
            wanted.edit(&mut draw);
        }
        for _ in 0..draw.below(3) {
            console(world, &mut draw, &mut foreign, &wanted);
            tally.console_edits += 1;
        }
        for _ in 0..=draw.below(3) {
            world.fault(&fault(&mut draw));
        }
        interrupted = run(world, &mut draw, &wanted, interrupted, tally);
        let struck = world.account.handle().faults();
        tally.struck += struck.iter().map(|fault| fault.struck).sum::<u64>();
        world.account.handle().clear_faults();
        foreign.is_as_it_was(&world.account, &format!("seed {seed}"));
    }
    world.converge(&wanted.manifests(), &format!("seed {seed}"));
    foreign.is_as_it_was(&world.account, &format!("seed {seed}"));
    let found = twice(world);
    assert_eq!(found, 0, "twice");
    tally.twice += found;
    tally.sequences += 1;
}

/// One apply, of the files or of a saved plan; the plan of a run that died may be gone on with.
fn run(
    world: &World,
    draw: &mut Draw,
    wanted: &Wanted,
    interrupted: Option<campaignctl::plan::Plan>,
    tally: &mut Tally,
) -> Option<campaignctl::plan::Plan> {
    let course = Course {
        dies_after: draw.one_in(2).then(|| 1 + draw.below(25)),
        parallelism: 1 + draw.below(4),
    };
    let goes_on = interrupted.filter(|_| draw.one_in(2));
    let saved = goes_on.or_else(|| {
        let wants = draw.one_in(2);
        wants
            .then(|| world.look(&wanted.manifests()).ok())
            .flatten()
    });
    if number("CHAOS_SEED").is_some() {
        let faults = world.account.handle().faults();
        let faults: Vec<_> = faults.iter().map(|fault| fault.fault.to_string()).collect();
        eprintln!("{course:?}, saved: {}, {faults:?}", saved.is_some());
    }
    let came = match &saved {
        Some(plan) => world.apply_saved(plan, course),
        None => world.apply(&wanted.manifests(), course),
    };
    tally.applies += 1;
    if number("CHAOS_SEED").is_some() {
        eprintln!("{}", told(&came));
    }
    match came {
        Came::Died => tally.died += 1,
        Came::Refused(_) => tally.refused += 1,
        Came::Ended(outcome) => {
            tally.failed_steps += outcome.counts.failed;
            tally.steps += outcome.steps.len();
            return None;
        }
    }
    saved
}

/// What came of a run, for whoever looks into one sequence.
fn told(came: &Came) -> String {
    match came {
        Came::Ended(outcome) => format!("{:#?}", outcome.steps),
        other => format!("{other:?}"),
    }
}

/// Something that goes wrong for a while.
fn fault(draw: &mut Draw) -> String {
    let of = [
        "* * 503 p 0.2",
        "POST * lost after-commit p 0.3",
        "POST * lost p 0.3",
        "PUT * lost after-commit p 0.3",
        "PUT * 412 p 0.3",
        "PUT * 409 p 0.2",
        "PUT * race p 0.5",
        "PUT * race edit p 0.3",
        "DELETE * race p 0.5",
        "DELETE * lost after-commit p 0.5",
        "DELETE * race edit p 0.3",
        "* * 429 every 4",
        "PUT * 500 after-commit p 0.3",
        "POST * 500 after-commit p 0.3",
        "POST * truncate p 0.3",
        "PUT * truncate p 0.3",
        "GET * truncate p 0.05",
        "GET * 503 p 0.05",
        "POST * garbage after-commit p 0.3",
        "POST * 403 p 0.2",
        "* * expire-token every 7",
    ];
    let fault = draw.of(&of).unwrap();
    let seed = draw.below(1000);
    if fault.contains(" p ") {
        format!("{fault} seed {seed}")
    } else {
        (*fault).to_owned()
    }
}

/// What people did in the console, with what must stay as they left it.
#[derive(Debug, Default)]
struct Foreign {
    /// The bodies by path.
    objects: BTreeMap<String, Value>,
    /// A key that nobody of ours declares, inside an item of a list of ours: what it holds, by path.
    marks: BTreeMap<String, Value>,
    count: usize,
}

impl Foreign {
    fn note(&mut self, account: &Account, path: String) {
        let body = body(account, &path);
        self.objects.insert(path, body);
    }

    #[track_caller]
    fn is_as_it_was(&self, account: &Account, context: &str) {
        for (path, then) in &self.objects {
            assert_eq!(body(account, path), *then, "{context}: {path}");
        }
        for (path, mark) in &self.marks {
            let (status, _, body) = account.call(Method::GET, path, &[], None);
            let is_gone = status == 404 || body["deleted"] == true;
            let now = &body["conditionBoxes"][0]["mark"];
            assert!(is_gone || now == mark, "{context}: {path}: {body}");
        }
    }
}

fn body(account: &Account, path: &str) -> Value {
    let (status, _, mut body) = account.call(Method::GET, path, &[], None);
    assert_eq!(status, 200, "{path} is gone");
    if let Value::Object(fields) = &mut body {
        // What no two reads agree on.
        fields.retain(|key, _| !key.ends_with("InMinutes") && !key.ends_with("Revision"));
    }
    body
}

/// Somebody does something in the console.
fn console(world: &World, draw: &mut Draw, foreign: &mut Foreign, wanted: &Wanted) {
    let account = &world.account;
    foreign.count += 1;
    let number = foreign.count;
    match draw.below(9) {
        5 | 6 => edit_inside(account, AUDIENCES, "Audience ", draw, foreign),
        7 => edit_inside(account, WINDOWS, "Window ", draw, foreign),
        0 => {
            let made = account.post(GOALS, &json!({ "name": format!("Foreign goal {number}") }));
            foreign.note(account, Account::path_of(GOALS, &made["id"]));
        }
        1 => {
            let body =
                json!({ "name": format!("Foreign campaign {number}"), "status": 1, "type": 0 });
            let made = account.post(CAMPAIGNS, &body);
            foreign.note(account, Account::path_of(CAMPAIGNS, &made["id"]));
        }
        2 => {
            // Inside one of ours, or inside a foreign one.
            let own = foreign
                .objects
                .keys()
                .filter(|path| path.starts_with("le-campaigns"));
            let own: Vec<String> = own
                .filter(|path| !path.contains("/engagements/"))
                .cloned()
                .collect();
            if let Some(campaign) = draw.of(&own) {
                let path = campaign.replace("?v=", "/engagements?v=");
                let made = account.post(
                    &path,
                    &json!({ "name": format!("Foreign engagement {number}"), "type": 6 }),
                );
                foreign.note(account, Account::path_of(&path, &made["id"]));
                foreign.note(account, campaign.clone());
            }
        }
        3 => {
            let names = wanted.campaigns();
            if let Some(name) = draw.of(&names) {
                edit(account, CAMPAIGNS, name, number);
            }
        }
        4 => edit(account, GOALS, "Always", number),
        _ => remove(account, draw),
    }
}

/// Changes a key inside a list of one of ours, and puts one beside that nobody of ours knows.
fn edit_inside(
    account: &Account,
    collection: &str,
    name: &str,
    draw: &mut Draw,
    foreign: &mut Foreign,
) {
    let rows = account.get(collection);
    let ours: Vec<&Value> = rows.as_array().unwrap().iter().collect();
    let ours: Vec<&Value> = (ours.into_iter())
        .filter(|row| row["name"].as_str().is_some_and(|it| it.starts_with(name)))
        .collect();
    if let Some(row) = draw.of(&ours) {
        let path = Account::path_of(collection, &row["id"]);
        let (number, mark) = (
            foreign.count,
            Value::from(format!("mark {}", foreign.count)),
        );
        account.edit(&path, |body| {
            insides::edit(body, draw, number);
            if let Some(Value::Object(item)) = body.pointer_mut("/conditionBoxes/0") {
                item.insert("mark".to_owned(), mark.clone());
                foreign.marks.insert(path.clone(), mark);
            }
        });
    }
}

fn edit(account: &Account, collection: &str, name: &str, number: usize) {
    if let Some(row) = account.row(collection, name) {
        let path = Account::path_of(collection, &row["id"]);
        account.edit(&path, |body| {
            body["description"] = Value::from(format!("edited in the console {number}"));
        });
    }
}

/// Deletes one of ours, if the platform lets it.
fn remove(account: &Account, draw: &mut Draw) {
    let rows = account.get(GOALS);
    let ours: Vec<&Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| {
            row["name"]
                .as_str()
                .is_some_and(|name| name.starts_with("Goal "))
        })
        .collect();
    if let Some(row) = draw.of(&ours) {
        let path = format!("le-goals/goals/{}?v=3.0", plain(&row["id"]));
        let (_, revision, _) = account.call(Method::GET, &path, &[], None);
        let headers = [("If-Match", revision.as_str())];
        account.call(Method::DELETE, &path, &headers, None);
    }
}

/// How many names stand more than once in the account: none of ours has the name of another one.
fn twice(world: &World) -> usize {
    let mut names = world.account.names(GOALS);
    let campaigns = world.account.get(CAMPAIGNS);
    for campaign in campaigns.as_array().unwrap() {
        names.push(campaign["name"].as_str().unwrap().to_owned());
        let path = format!(
            "le-campaigns/campaigns/{}/engagements?v=3.4",
            plain(&campaign["id"])
        );
        names.extend(world.account.names(&path));
    }
    names.sort();
    let twice = names.windows(2).filter(|pair| pair[0] == pair[1]);
    twice
        .inspect(|pair| eprintln!("twice: {}", pair[0]))
        .count()
}
