//! A plan with a cache is the plan without one, whatever happened before and whatever lies in the file of the cache.
//!
//! Random histories: edits of campaigns and engagements in the console, also several within one second and right before and after a read;
//! applies; a file that is damaged, cut short, of another account or of a later version; hours and days that pass, and a clock that
//! is set back. The account takes each position of the switches that say what its lists hold, and its clock goes another way than ours.
//!
//! `CHAOS_CACHED=200` tries so many histories, `CHAOS_STEPS=40` makes each of them longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use campaignctl::api::{Client, Observer};
use campaignctl::kinds::KindId;
use campaignctl::kinds::mapping::take_path;
use campaignctl::live::{Cache, CacheOwner, Inventory, LiveObject, Needs};
use campaignctl::plan::Plan;
use campaignctl::sandbox::{ListStamps, SandboxSettings, WholeList};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::draw::Draw;
use super::number;
use super::world::{Came, Course, Reads, World};
use crate::support::{ACCOUNT, Account, CAMPAIGNS, GOALS, plain};
use crate::whole_lists::manifests;

const LISTS: [WholeList; 5] = [
    WholeList::Summary,
    WholeList::Childless,
    WholeList::Refused,
    WholeList::Shallow,
    WholeList::Whole,
];

const LACKING: [ListStamps; 4] = [
    ListStamps::Undated,
    ListStamps::Unrevised,
    ListStamps::Ignored,
    ListStamps::Refused,
];

/// How far the clock of the account is from ours: it may write its dates in any zone.
const ZONES: [i64; 3] = [0, -25_200_400, 46_800_700];

#[test]
fn a_plan_with_a_cache_is_the_plan_without_one() {
    let (mut taken, mut looks) = (0, 0);
    for seed in 0..number("CHAOS_CACHED").unwrap_or(5) {
        let history = History::new(seed);
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| history.run()));
        match done {
            Ok(counts) => (taken, looks) = (taken + counts.0, looks + counts.1),
            Err(panic) => {
                eprintln!("the history is {seed}: {:?}", history.settings);
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{looks} looks, {taken} items out of the cache");
    assert!(taken > 0, "the cache was never used");
}

/// An account, a project, and the time.
struct History {
    world: World,
    settings: SandboxSettings,
    seed: u64,
    /// The milliseconds that passed, and by how many our clock was set back.
    now: Arc<(AtomicI64, AtomicI64)>,
    manifests: String,
}

const BEGIN: i64 = 1_767_323_045_000;

impl History {
    fn new(seed: u64) -> Self {
        let at = usize::try_from(seed).unwrap();
        // Each form of the list with each kind of revision; then lists that lack something.
        let lacks = (seed % 14)
            .checked_sub(10)
            .map(|it| LACKING[usize::try_from(it).unwrap()]);
        let settings = SandboxSettings {
            whole_list: LISTS[if lacks.is_some() { 0 } else { at % 14 % 5 }],
            account_wide_child_revision: at % 2 == 1,
            list_stamps: lacks.unwrap_or(ListStamps::Shown),
            ..SandboxSettings::default()
        };
        let now = Arc::new((AtomicI64::new(BEGIN), AtomicI64::new(0)));
        let (of_account, zone) = (Arc::clone(&now), ZONES[at % 3]);
        let clock = move || {
            let now = of_account.0.load(Ordering::SeqCst) + zone;
            Timestamp::from_millisecond(now).unwrap()
        };
        Self {
            world: World::on(Account::at(settings.clone(), Arc::new(clock))),
            settings,
            seed,
            now,
            manifests: manifests(5),
        }
    }

    /// How many items the cache gave, and how often it was asked.
    fn run(&self) -> (usize, usize) {
        let mut draw = Draw::new(self.seed);
        self.apply();
        let mut file = String::new();
        let (mut taken, mut looks) = (0, 0);
        let steps = number("CHAOS_STEPS").unwrap_or(4);
        for step in 0..steps {
            for _ in 0..draw.below(3) {
                self.happens(&mut draw, step);
            }
            self.pass(&mut draw);
            let given = damaged(&file, &mut draw);
            let (with, text, count) = self.look(&given);
            let (without, _, _) = self.look("");
            assert_eq!(with, without, "step {step}: what was read");
            (file, taken, looks) = (text, taken + count, looks + 1);
            // What was read decides what is planned, and a plan costs as much as many looks.
            if step + 1 == steps {
                let (with, text, count) = self.plan(&file);
                let (without, _, _) = self.plan("");
                assert_eq!(with, without, "step {step}: what is planned");
                (file, taken, looks) = (text, taken + count, looks + 1);
            }
        }
        (taken, looks)
    }

    fn apply(&self) {
        let came = self.world.apply(&self.manifests, Course::WELL);
        assert!(matches!(came, Came::Ended(_)), "{came:?}");
    }

    /// What is read with the content of a cache file, what is to be in the file then, and how many items came out of it.
    fn look(&self, file: &str) -> (Vec<LiveObject>, String, usize) {
        let mut observer = self.observer(file);
        let needs = Needs::every([KindId::known("Campaign"), KindId::known("Engagement")]);
        let account = &self.world.account;
        let read = account.block_on(observer.read(&needs, Inventory::default()));
        let objects = read.unwrap().iter().map(stable).collect();
        (objects, file_of(&observer), observer.taken())
    }

    /// The same of a plan.
    fn plan(&self, file: &str) -> (Value, String, usize) {
        let mut observer = self.observer(file);
        let ledger = self.world.ledger();
        let reads = Reads::WhatItNeeds;
        let plan = self
            .world
            .plan_by(&self.manifests, &ledger, reads, &mut observer);
        let plan = nameless(&plan.unwrap());
        (plan, file_of(&observer), observer.taken())
    }

    fn observer(&self, file: &str) -> Observer<'_, Client> {
        let cache = Cache::read(file, &owner()).unwrap_or_default();
        let now = Arc::clone(&self.now);
        let clock = move || {
            let now = now.0.load(Ordering::SeqCst) - now.1.load(Ordering::SeqCst);
            Timestamp::from_millisecond(now).unwrap()
        };
        Observer::new(&self.world.client, 4).with_cache(cache, Arc::new(clock))
    }

    /// Time passes, or not; our clock may be set back.
    fn pass(&self, draw: &mut Draw) {
        let step = [0, 0, 0, 300, 700, 1000, 2000, 2500, 60_000, 90_000_000];
        let step = *draw.of(&step).unwrap();
        self.now.0.fetch_add(step, Ordering::SeqCst);
        if draw.one_in(20) {
            self.now.1.fetch_add(3_600_000, Ordering::SeqCst);
        }
    }

    /// A colleague does something, or a run of ours.
    fn happens(&self, draw: &mut Draw, step: u64) {
        let account = &self.world.account;
        let text = Value::from(format!("edit {step} {}", draw.below(1000)));
        let Some(campaign) = campaign(account, draw) else {
            return self.apply();
        };
        let inside = campaign.replace("?v=", "/engagements?v=");
        match draw.below(12) {
            0 => drop(account.post(CAMPAIGNS, &json!({ "name": text, "status": 0, "type": 0 }))),
            1 => drop(account.post(&inside, &json!({ "name": text, "type": 6 }))),
            2 => account.delete(&campaign),
            3..=6 => {
                let rows = account.get(&inside);
                if let Some(row) = draw.of(rows.as_array().unwrap()) {
                    let path = Account::path_of(&inside, &row["id"]);
                    let is_deleted = draw.one_in(4);
                    if is_deleted {
                        account.delete(&path);
                    } else {
                        account.edit(&path, |body| body["description"] = text);
                    }
                }
            }
            7 => {
                let path = account.item_path(GOALS, "paid");
                account.edit(&path, |body| body["description"] = text);
            }
            8 if draw.one_in(2) => self.apply(),
            _ => {
                // What the bare list shows, and what it does not.
                let key = ["description", "operationHours"][draw.below(2)];
                let value = if key == "description" {
                    text
                } else {
                    draw.below(1000).into()
                };
                account.edit(&campaign, |body| body[key] = value);
            }
        }
        if draw.one_in(3) {
            self.pass(draw);
        }
    }
}

fn file_of(observer: &Observer<'_, Client>) -> String {
    observer.cache().unwrap().write(&owner(), usize::MAX)
}

fn owner() -> CacheOwner {
    CacheOwner {
        account: ACCOUNT.to_owned(),
        host: "host".to_owned(),
    }
}

/// The path of a campaign.
fn campaign(account: &Account, draw: &mut Draw) -> Option<String> {
    let rows = account.get(CAMPAIGNS);
    let row = draw.of(rows.as_array().unwrap())?;
    Some(format!(
        "le-campaigns/campaigns/{}?v=3.4",
        plain(&row["id"])
    ))
}

/// An object without what no two reads agree on.
fn stable(object: &LiveObject) -> LiveObject {
    let mut body = object.body.value();
    for key in object.kind.def().collection.unwrap().volatile {
        take_path(&mut body, key);
    }
    LiveObject {
        body: body.into(),
        ..object.clone()
    }
}

fn nameless(plan: &Plan) -> Value {
    let mut plan = serde_json::to_value(plan).unwrap();
    for key in ["id", "digest"] {
        take_path(&mut plan, key);
    }
    plan
}

/// What lies in the file by the time of the next run.
fn damaged(file: &str, draw: &mut Draw) -> String {
    let mut bytes = file.as_bytes().to_vec();
    match draw.below(12) {
        0 => bytes.truncate(draw.below(bytes.len() + 1)),
        1 => {
            let at = draw.below(bytes.len());
            if let Some(byte) = bytes.get_mut(at) {
                *byte = byte.wrapping_add(1);
            }
        }
        2 => return file.replace("campaignctl.cache/v1", "campaignctl.cache/v2"),
        3 => return file.replace(ACCOUNT, "20000002"),
        _ => {}
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
