//! Special occasions at random: they are replaced through an array on their collection, and read whole only as
//! items. Whatever goes wrong: one apply converges, and nothing is there twice.
//!
//! `CHAOS_OCCASIONS=500` tries so many sequences.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use campaignctl::sandbox::SandboxSettings;

use super::draw::Draw;
use super::number;
use super::world::{Came, Course, World};

/// What goes wrong for a while: before and after the write took effect, and between read and write.
const FAULTS: [&str; 12] = [
    "PUT */specialoccasion lost after-commit p 0.5",
    "PUT */specialoccasion lost p 0.5",
    "PUT */specialoccasion race p 0.5",
    "PUT */specialoccasion race edit p 0.5",
    "PUT */specialoccasion 503 after-commit p 0.5",
    "PUT */specialoccasion truncate p 0.5",
    "PUT */specialoccasion 409 p 0.3",
    "POST */specialoccasion lost after-commit p 0.5",
    "POST */specialoccasion garbage after-commit p 0.3",
    "DELETE */specialoccasion/* lost after-commit p 0.5",
    "GET */specialoccasion/* race edit p 0.2",
    "* * expire-token every 5",
];

/// The occasions by number, each with the number of its text and its days.
type Wanted = BTreeMap<usize, usize>;

fn manifests(wanted: &Wanted) -> String {
    let mut text = String::new();
    for (number, says) in wanted {
        let default = number == wanted.keys().next().unwrap();
        let day = 1 + says % 27;
        let _ = write!(
            text,
            "---\napiVersion: campaignctl.dev/v1\nkind: SpecialOccasion\nmetadata: {{ name: day-{number} }}\nspec:\n  displayName: Day {number}\n  description: about {says}\n  default: {default}\n  events:\n    - {{ name: one, working: false, start: {{ dateTime: 2036-12-{day:02}, timeZone: Europe/Paris }}, end: {{ dateTime: 2036-12-{day:02}, timeZone: Europe/Paris }} }}\n    - {{ name: two-{says}, working: true, start: {{ dateTime: 2037-01-02T08:00:00, timeZone: UTC }}, end: {{ dateTime: 2037-01-02T12:00:00, timeZone: UTC }} }}\n"
        );
    }
    text
}

/// One change, as a person makes it in the files. The first one stays: no manifests at all are an error.
fn edit(wanted: &mut Wanted, count: &mut usize, draw: &mut Draw) {
    *count += 1;
    let numbers: Vec<usize> = wanted.keys().copied().collect();
    let which = draw.of(&numbers).copied();
    match (draw.below(4), which) {
        (0, Some(number)) if numbers.len() > 1 => drop(wanted.remove(&number)),
        (1 | 2, Some(number)) => drop(wanted.insert(number, *count)),
        _ => drop(wanted.insert(*count, *count)),
    }
}

#[test]
fn occasions_converge_whatever_goes_wrong() {
    let (mut steps, mut died, mut struck) = (0, 0, 0);
    for answers_object in [false, true] {
        let mut world = World::with(SandboxSettings {
            array_put_answers_object: answers_object,
            ..SandboxSettings::default()
        });
        for seed in 0..number("CHAOS_OCCASIONS").unwrap_or(6) {
            world.begin();
            let mut draw = Draw::new(seed);
            let (mut wanted, mut count) = (Wanted::from([(1, 1)]), 1);
            for _ in 0..5 {
                for _ in 0..=draw.below(3) {
                    edit(&mut wanted, &mut count, &mut draw);
                }
                for _ in 0..=draw.below(2) {
                    let fault = draw.of(&FAULTS).unwrap();
                    let chance = draw.below(1000);
                    let seeded = fault.contains(" p ");
                    let seeded = seeded.then(|| format!("{fault} seed {chance}"));
                    world.fault(seeded.as_deref().unwrap_or(fault));
                }
                let course = Course {
                    dies_after: draw.one_in(3).then(|| 1 + draw.below(12)),
                    parallelism: 1 + draw.below(4),
                };
                match world.apply(&manifests(&wanted), course) {
                    Came::Ended(outcome) => steps += outcome.steps.len(),
                    Came::Died => died += 1,
                    Came::Refused(_) => {}
                }
                let faults = world.account.handle().faults();
                struck += faults.iter().map(|fault| fault.struck).sum::<u64>();
                world.account.handle().clear_faults();
            }
            world.converge(&manifests(&wanted), &format!("seed {seed}"));
            let live = world.account.names("ac-common/specialoccasion?v=1.0");
            assert_eq!(live.len(), wanted.len(), "seed {seed}: {live:?}");
            let statistics = world.account.handle().statistics();
            let twice: Vec<_> = statistics.created_twice().collect();
            assert!(twice.is_empty(), "seed {seed}: {twice:?}");
        }
    }
    println!("{steps} steps, {died} deaths, {struck} faults struck: nothing lost, nothing twice");
    assert!(struck > 0 && steps > 0);
}
