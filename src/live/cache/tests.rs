//! Copies are used where the account proves them, and a file that is anything else is not.

use serde_json::json;

use super::*;

const NOON: &str = "2026-06-01T12:00:00Z";

fn campaign() -> KindId {
    KindId::known("Campaign")
}

fn owner() -> CacheOwner {
    CacheOwner {
        account: "10000001".to_owned(),
        host: "https://host".to_owned(),
    }
}

fn body(changed: &str, inside: u64) -> Value {
    json!({ "id": 7, "name": "a\tb\nc", "modifiedDate": changed, "engagementCollectionRevision": inside, "engagements": [] })
}

/// So many milliseconds after noon.
fn at(milliseconds: i64) -> Timestamp {
    let noon: Timestamp = NOON.parse().unwrap();
    noon + SignedDuration::from_millis(milliseconds)
}

fn copied(changed: &str, inside: u64, revision: &str, read: i64) -> Copied {
    let collection = campaign().def().collection.unwrap();
    let revision = Revision(revision.to_owned());
    Copied::of(collection, &body(changed, inside), revision, at(read)).unwrap()
}

/// A look at the account: what it lists of the campaign, whether that proves the copy, and what it has to keep otherwise.
struct World {
    cache: Cache,
}

impl World {
    fn look(&mut self, changed: &str, inside: u64, revision: &str, now: i64) -> bool {
        let collection = campaign().def().collection.unwrap();
        let stamp = Stamp::of(collection, &body(changed, inside)).unwrap();
        let revision = Revision(revision.to_owned());
        let listed = Listed {
            stamp: &stamp,
            revision: Some(&revision),
            at: at(now),
        };
        let id = RemoteId::from("7");
        let is_known = self.cache.unchanged(campaign(), &id, listed).is_some();
        self.cache.confirm(campaign(), &id, listed);
        if !is_known {
            let copied = copied(changed, inside, &revision.0, now);
            self.cache.keep(campaign(), id, copied, at(now));
        }
        is_known
    }
}

fn world() -> World {
    let mut world = World {
        cache: Cache::default(),
    };
    assert!(!world.look("12:00:00", 1, "5", 0));
    world
}

#[test]
fn the_same_revision_proves_a_copy_and_another_one_only_with_a_date_that_is_settled() {
    assert!(world().look("12:00:00", 1, "5", 100));
    // Another campaign changed, or this one a second time within the second.
    assert!(!world().look("12:00:00", 1, "6", 1999));
    assert!(!world().look("12:00:00", 1, "6", 2000));
    // Seen two seconds before a read that found it again: by the revision, or by another read.
    let mut settled = world();
    assert!(settled.look("12:00:00", 1, "5", 2000));
    assert!(settled.look("12:00:00", 1, "6", 2100));
    let mut settled = world();
    assert!(!settled.look("12:00:00", 1, "6", 2000));
    assert!(settled.look("12:00:00", 1, "7", 2100));
    let mut early = world();
    assert!(early.look("12:00:00", 1, "5", 1999));
    assert!(!early.look("12:00:00", 1, "6", 2100));
}

#[test]
fn a_copy_is_proven_by_equality_alone() {
    let mut settled = world();
    assert!(settled.look("12:00:00", 1, "5", 5000));
    for (changed, inside) in [
        ("12:00:01", 1),
        ("11:59:59", 1),
        ("12:00:00", 2),
        ("12:00:00", 0),
    ] {
        for revision in ["4", "5", "6"] {
            let mut other = World {
                cache: settled.cache.clone(),
            };
            let is_known = other.look(changed, inside, revision, 6000);
            assert!(!is_known, "{changed} {inside} {revision}");
        }
    }
}

#[test]
fn a_copy_that_is_younger_than_a_backup_is_not_used_when_its_revisions_are_counted_again() {
    let mut world = world();
    assert!(world.look("12:00:00", 1, "5", 5000));
    assert!(!world.look("12:00:00", 2, "9", 9000));
    assert!(world.look("12:00:00", 2, "9", 12_000));
    assert!(world.look("12:00:00", 2, "10", 13_000));
    // Set back to revision 5, and then another change inside: the same date, and the same revision inside as the copy.
    assert!(!world.look("12:00:00", 2, "6", 20_000));
    // What is known from then on is what was read then.
    assert!(world.look("12:00:00", 2, "6", 23_000));
    assert!(world.look("12:00:00", 2, "7", 24_000));
}

#[test]
fn a_revision_that_is_no_number_has_not_fallen() {
    let fallen =
        |now: &str, before: &str| Revision(now.into()).has_fallen_from(&Revision(before.into()));
    assert!(fallen("9", "10"));
    assert!(!fallen("10", "9"));
    assert!(!fallen("10", "10"));
    assert!(!fallen("a", "b"));
    assert!(!fallen("", "7"));
}

#[test]
fn a_copy_is_used_for_a_day_and_not_by_a_clock_that_was_set_back() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let mut settled = world();
    assert!(settled.look("12:00:00", 1, "5", DAY - 1));
    let mut other = World {
        cache: settled.cache.clone(),
    };
    assert!(!other.look("12:00:00", 1, "5", DAY));
    assert!(
        other.look("12:00:00", 1, "9", DAY + 10),
        "its date is settled"
    );
    assert!(!settled.look("12:00:00", 1, "5", -1));
}

#[test]
fn what_bears_too_little_is_not_kept() {
    let collection = campaign().def().collection.unwrap();
    let kept =
        |body: &Value| Copied::of(collection, body, Revision("5".to_owned()), at(0)).is_some();
    assert!(kept(&body("12:00:00", 1)));
    assert!(!kept(&body("", 1)));
    for (key, value) in [
        ("modifiedDate", Value::Null),
        ("modifiedDate", json!(5)),
        ("engagementCollectionRevision", Value::Null),
        ("engagementCollectionRevision", json!("")),
        ("engagementCollectionRevision", json!({})),
    ] {
        let mut body = body("12:00:00", 1);
        body[key] = value;
        assert!(!kept(&body), "{body}");
    }
    let revision = Revision(String::new());
    assert!(Copied::of(collection, &body("12:00:00", 1), revision, at(0)).is_none());
    let installation = KindId::known("AppInstallation").def().collection.unwrap();
    let body = json!({ "id": "u", "modifiedDate": "12:00:00" });
    let copied = Copied::of(installation, &body, Revision("5".to_owned()), at(0));
    assert!(copied.is_none(), "it has secrets");
}

#[test]
fn a_file_gives_back_what_was_written_or_nothing() {
    let mut cache = world().cache;
    let other = copied("12:00:05", 3, "5", 0);
    cache.keep(campaign(), RemoteId::from("8"), other, at(0));
    let text = cache.write(&owner(), usize::MAX);
    let back = Cache::read(&text, &owner()).unwrap();
    assert_eq!(back.items, cache.items);
    assert!(cache.has_changed() && !back.has_changed());
    for length in 0..text.len() {
        assert!(Cache::read(&text[..length], &owner()).is_err(), "{length}");
    }
    for index in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[index] = if bytes[index] == b'1' { b'2' } else { b'1' };
        let text = String::from_utf8(bytes).unwrap();
        assert!(Cache::read(&text, &owner()).is_err(), "{index}");
    }
    for owner in [
        CacheOwner {
            account: "10000002".to_owned(),
            ..owner()
        },
        CacheOwner {
            host: "https://other".to_owned(),
            ..owner()
        },
    ] {
        assert_eq!(
            Cache::read(&text, &owner),
            Err("it is of another account or host")
        );
    }
    let later = text.replace("cache/v1", "cache/v2");
    assert_eq!(Cache::read(&later, &owner()), Err("it has another format"));
}

#[test]
fn a_file_is_bounded() {
    let mut cache = Cache::default();
    for id in 0..100 {
        let copied = copied("12:00:00", 1, "5", 0);
        cache.keep(
            campaign(),
            RemoteId::from(id.to_string().as_str()),
            copied,
            at(0),
        );
    }
    let text = cache.write(&owner(), HEAD_MAX + 2000);
    assert!(text.len() <= HEAD_MAX + 2000);
    let back = Cache::read(&text, &owner()).unwrap();
    assert!((1..100).contains(&back.items.len()));
}

#[test]
fn what_is_gone_is_forgotten() {
    let mut cache = world().cache;
    cache.retain(campaign(), &BTreeSet::from([RemoteId::from("7")]));
    assert!(cache.knows(campaign(), &RemoteId::from("7")));
    cache.retain(KindId::known("Goal"), &BTreeSet::new());
    assert!(cache.knows(campaign(), &RemoteId::from("7")));
    cache.retain(campaign(), &BTreeSet::from([RemoteId::from("8")]));
    assert!(!cache.knows(campaign(), &RemoteId::from("7")));
    let mut cache = world().cache;
    cache.forget(campaign());
    assert!(!cache.knows(campaign(), &RemoteId::from("7")));
}
