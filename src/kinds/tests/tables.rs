//! The contract of every kind is consistent: its tables, its codes and their fixtures.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{ManifestWorld, folder, manifest_kinds};
use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::set_path;
use crate::kinds::{ALL, Findings, KindId};

#[test]
fn literals_of_the_tables_are_json() {
    for def in ALL {
        let constants = def
            .collection
            .map_or(&[][..], |found| found.create_constants);
        let rows = def.collection.map_or(&[][..], |found| found.system_rows);
        let defaults = def.fields.iter().filter_map(|field| field.default);
        for json in constants
            .iter()
            .map(|(_, json)| *json)
            .chain(rows.iter().copied())
            .chain(defaults)
        {
            let parsed: Result<Value, _> = serde_json::from_str(json);
            assert!(parsed.is_ok(), "{}: {json}", def.name);
        }
    }
}

#[test]
fn tables_name_kinds_that_exist() {
    fn referenced(fields: &[Field], out: &mut Vec<&'static str>) {
        for field in fields {
            match field.codec {
                Codec::Ref(kind)
                | Codec::RefSet(kind)
                | Codec::RefList(kind)
                | Codec::JsonWithRefs(kind) => out.push(kind),
                Codec::Object(fields) | Codec::Note(fields) | Codec::List { fields, .. } => {
                    referenced(fields, out);
                }
                _ => {}
            }
        }
    }
    let known: BTreeSet<_> = ALL.iter().map(|def| def.name).collect();
    for def in ALL {
        let mut named = Vec::new();
        referenced(def.fields, &mut named);
        named.extend(def.parent.as_ref().map(|parent| parent.kind));
        named.extend(def.children.as_ref().map(|children| children.kind));
        named.extend(def.template.as_ref().map(|template| template.kind));
        for kind in named {
            assert!(known.contains(kind), "{} names {kind}", def.name);
        }
        for field in [
            def.parent.as_ref().map(|parent| parent.field),
            def.children.as_ref().map(|children| children.field),
            def.template.as_ref().map(|template| template.field),
            def.staged.as_ref().map(|staged| staged.field),
        ]
        .into_iter()
        .flatten()
        {
            assert!(
                def.fields.iter().any(|row| row.spec == field),
                "{} has no field {field}",
                def.name
            );
        }
    }
}

#[test]
fn every_code_has_a_fixture_that_raises_it_and_nothing_else() {
    for def in manifest_kinds() {
        let listing = fs::read_dir(folder(def, "fixtures/invalid"));
        let mut files: BTreeSet<String> = (listing.into_iter().flatten())
            .map(|entry| entry.expect("the folder can be read").file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        for code in def.codes {
            let file = format!("{}.yaml", code.name);
            assert!(files.remove(&file), "{file} is missing");
            let path = folder(def, "fixtures/invalid").join(&file);
            let text = fs::read_to_string(path).expect("the fixture can be read");
            let complaints = ManifestWorld::read(&text).complaints();
            let codes: BTreeSet<_> = complaints.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes, BTreeSet::from([code.name]), "{file}");
            let manifests = ManifestWorld::read(&text);
            for (_, pointer) in &complaints {
                let found = (manifests.0.iter()).any(|one| one["spec"].pointer(pointer).is_some());
                assert!(found, "{file}: nothing at {pointer}");
            }
        }
        assert_eq!(
            files,
            BTreeSet::new(),
            "{}: fixtures without a code",
            def.name
        );
    }
}

#[test]
fn codes_are_documented_and_unique() {
    let mut names = BTreeSet::new();
    for code in ALL.iter().flat_map(|def| def.codes) {
        assert!(names.insert(code.name), "{} is defined twice", code.name);
        assert!(
            code.name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        );
        for text in [code.title, code.why, code.wrong, code.right] {
            assert!(!text.trim().is_empty(), "{}", code.name);
        }
        assert!(code.why.ends_with('.'), "{}", code.name);
        for yaml in [code.wrong, code.right] {
            let parsed: Result<Value, _> = serde_yaml::from_str(yaml);
            assert!(parsed.is_ok(), "{}: {yaml}", code.name);
        }
    }
}

#[test]
fn a_kind_takes_the_article_that_is_said() {
    let one = |name: &'static str| crate::kinds::KindId::known(name).one();
    assert_eq!(one("Goal"), "a Goal");
    assert_eq!(one("EntryPoint"), "an EntryPoint");
    assert_eq!(one("ApiHandoff"), "an ApiHandoff");
}

#[test]
fn the_vendors_row_can_be_referred_to_where_the_vendor_makes_one() {
    for def in manifest_kinds() {
        for field in def.fields {
            let system = serde_json::json!({ "system": true });
            let (target, value) = match field.codec {
                Codec::Ref(target) => (target, system),
                Codec::RefSet(target) | Codec::RefList(target) => {
                    (target, Value::from(vec![system]))
                }
                _ => continue,
            };
            let mut spec = Value::Object(serde_json::Map::new());
            set_path(&mut spec, field.spec, value);
            let mut findings = Findings::default();
            let parsed = (def.check)(&spec, "x", &ManifestWorld::default(), &mut findings);
            let has_row = KindId::known(target).def().has_vendor_row();
            assert_eq!(
                parsed.is_ok(),
                has_row,
                "{} {}: {parsed:?}",
                def.name,
                field.spec
            );
        }
    }
}

#[test]
fn objects_of_a_kind_are_counted_in_words() {
    let said = |name: &str, count: usize| {
        let def = ALL.iter().find(|def| def.name == name);
        def.map(|def| def.counted(count)).unwrap_or_default()
    };
    assert_eq!(said("ApiHandoff", 4), "4 API handoffs");
    assert_eq!(said("ApiHandoff", 1), "1 API handoff");
    assert_eq!(said("Launch", 2), "2 launches");
    assert_eq!(said("TargetAudience", 1), "1 target audience");
    // An abbreviation is written as one, whatever kinds there are.
    for def in ALL {
        assert!(
            !def.counted(2).split(' ').any(|word| word == "api"),
            "{}",
            def.name
        );
    }
}
