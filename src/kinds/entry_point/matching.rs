//! Whether a visitor is at an entry point, as far as the payloads of conditions are known: the whole app,
//! and sections (platform.md#entry-point). A condition of another type never holds.

use serde_json::Value;

use crate::text::number::integer;

/// How the Monitoring API spells a section.
const SECTION: &str = "sec://";

/// Whether all conditions hold for somebody who is at these places.
pub(super) fn holds(body: &Value, places: &[String]) -> bool {
    let sections: Vec<&str> = places
        .iter()
        .filter_map(|place| place.strip_prefix(SECTION))
        .collect();
    items(body, "conditionBoxes").iter().all(|condition| {
        match condition.get("type").and_then(integer) {
            Some(0) => true,
            Some(4) => {
                let data = &condition["data"];
                names_any(data, "include", &sections) && !names_any(data, "exclude", &sections)
            }
            _ => false,
        }
    })
}

fn names_any(data: &Value, list: &str, sections: &[&str]) -> bool {
    items(data, list)
        .iter()
        .flat_map(|entry| items(entry, "sections"))
        .filter_map(|section| section.get("name")?.as_str())
        .any(|name| sections.iter().any(|section| is_meant(name, section)))
}

/// A name in double quotes is the whole name of the section, any other a part of it.
fn is_meant(name: &str, section: &str) -> bool {
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

    fn is_at(condition: &Value, places: &[&str]) -> bool {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        holds(&json!({ "conditionBoxes": [condition] }), &places)
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
