//! Whether a visitor is at an entry point, as far as the payloads of conditions are known: the whole app,
//! and sections (platform.md#entry-point).

use serde_json::Value;

use crate::kinds::admission::{AppVisit, conditions};
use crate::text::number::integer;

/// How the Monitoring API spells a section.
const SECTION: &str = "sec://";

/// Whether the conditions hold for a visitor at these places, in an app that the entry point is for.
pub(super) fn holds(kind: &str, body: &Value, visit: &AppVisit<'_>) -> bool {
    if !is_of(body, visit) {
        return false;
    }
    let is_any = visit.conduct.needs_any_condition;
    conditions((kind, body), visit, is_any, |condition| {
        (condition.get("type").and_then(integer) == Some(4)).then(|| is_at(condition, visit))
    })
}

/// Whether it is for this app. The vendor's own row is for the whole web site and for apps.
fn is_of(body: &Value, visit: &AppVisit<'_>) -> bool {
    let app = body.get("appInstallationId").and_then(Value::as_str);
    match app {
        Some(app) => visit.conduct.ignores_entry_point_app || app == visit.app_installation,
        None => {
            visit.conduct.web_entry_points_are_of_apps
                || ["isSystemDefault", "systemDefault"]
                    .iter()
                    .any(|key| body.get(key) == Some(&Value::Bool(true)))
        }
    }
}

/// Whether one of the sections is included, and none excluded.
fn is_at(condition: &Value, visit: &AppVisit<'_>) -> bool {
    let data = &condition["data"];
    let places = visit.entry_points.iter();
    let sections: Vec<&str> = places.filter_map(|it| it.strip_prefix(SECTION)).collect();
    let folds = visit.conduct.ignores_section_case;
    let is_included = if items(data, "include").is_empty() {
        !visit.conduct.empty_include_is_nowhere
    } else {
        names_any(data, "include", &sections, folds)
    };
    is_included && !names_any(data, "exclude", &sections, folds)
}

fn names_any(data: &Value, list: &str, sections: &[&str], folds: bool) -> bool {
    items(data, list)
        .iter()
        .flat_map(|entry| items(entry, "sections"))
        .filter_map(|section| section.get("name")?.as_str())
        .any(|name| {
            sections
                .iter()
                .any(|section| is_meant(name, section, folds))
        })
}

/// A name in double quotes is the whole name of the section, any other a part of it.
fn is_meant(name: &str, section: &str, folds: bool) -> bool {
    if folds {
        return is_meant(&name.to_lowercase(), &section.to_lowercase(), false);
    }
    let exact = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    match exact {
        Some(exact) => exact == section,
        None => section.contains(name),
    }
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::{Conduct, Meanings};

    type Set = fn(&mut Conduct);

    #[derive(Debug)]
    struct Silent;

    impl Meanings for Silent {
        fn holds(&self, _kind: &str, _condition: &Value) -> Option<bool> {
            None
        }
    }

    fn is_at_in(conduct: Conduct, body: &Value, places: &[&str]) -> bool {
        let entry_points: Vec<String> = places.iter().map(ToString::to_string).collect();
        let visit = AppVisit {
            app_installation: "app",
            entry_points: &entry_points,
            now: jiff::Timestamp::UNIX_EPOCH,
            has_agents: true,
            conduct: &conduct,
            meanings: &Silent,
        };
        holds("EntryPoint", body, &visit)
    }

    fn is_at(condition: &Value, places: &[&str]) -> bool {
        let body = json!({ "appInstallationId": "app", "conditionBoxes": [condition] });
        is_at_in(Conduct::default(), &body, places)
    }

    #[test]
    fn what_is_inferred_is_a_position() {
        let boxes =
            |condition: Value| json!({ "appInstallationId": "app", "conditionBoxes": [condition] });
        let orders = boxes(section("\"orders\"", &[]));
        let nothing = boxes(json!({"type": 4, "data": {"include": [], "exclude": []}}));
        let of_app = json!({"appInstallationId": "other", "conditionBoxes": [{"type": 0}]});
        let of_web = json!({"appInstallationId": null, "conditionBoxes": [{"type": 0}]});
        let own = json!({"isSystemDefault": true, "conditionBoxes": [{"type": 0}]});
        assert!(is_at_in(Conduct::default(), &own, &["sec://Orders"]));
        let unknown = boxes(json!({"type": 7}));
        let on = |set: Set| {
            let mut conduct = Conduct::default();
            set(&mut conduct);
            conduct
        };
        let cases: [(Set, &Value, bool); 5] = [
            (|it| it.ignores_section_case = true, &orders, false),
            (|it| it.empty_include_is_nowhere = true, &nothing, true),
            (|it| it.ignores_entry_point_app = true, &of_app, false),
            (|it| it.web_entry_points_are_of_apps = true, &of_web, false),
            (|it| it.admits_unknown = true, &unknown, false),
        ];
        for (set, body, usually) in cases {
            let places = &["sec://Orders"];
            assert_eq!(
                is_at_in(Conduct::default(), body, places),
                usually,
                "{body}"
            );
            assert_eq!(is_at_in(on(set), body, places), !usually, "{body}");
        }
    }

    fn section(include: &str, exclude: &[&str]) -> Value {
        let named = |name: &str| json!({"sections": [{"name": name}]});
        json!({"type": 4, "data": {"include": [named(include)],
            "exclude": exclude.iter().map(|name| named(name)).collect::<Vec<_>>()}})
    }

    #[test]
    fn sections_are_matched_whole_or_in_part() {
        for (condition, places, expected) in [
            (json!({"type": 0}), &[][..], true),
            (section("\"orders\"", &[]), &["sec://orders"][..], true),
            (section("\"orders\"", &[]), &["sec://my-orders"], false),
            (section("orders", &[]), &["sec://my-orders"], true),
            (section("orders", &[]), &["https://orders"], false),
            (
                section("orders", &["\"old-orders\""]),
                &["sec://old-orders"],
                false,
            ),
            (
                section("orders", &["\"old-orders\""]),
                &["sec://new-orders"],
                true,
            ),
            (json!({"type": 7}), &["sec://orders"], false),
        ] {
            assert_eq!(
                is_at(&condition, places),
                expected,
                "{condition} {places:?}"
            );
        }
    }
}
