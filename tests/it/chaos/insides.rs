//! Objects that are made of lists, and what people change inside the items of these.

use serde_json::Value;

use super::draw::Draw;

/// The manifest of an audience, a special occasion or an engagement window, by its number. Each bit of the shape is
/// a key, or an item, that is declared or not.
pub(super) fn manifest(number: usize, shape: usize) -> String {
    let has = |bit: usize, text: &'static str| if shape >> bit & 1 == 1 { text } else { "" };
    let head = "---\napiVersion: campaignctl.dev/v1\n";
    match number % 3 {
        0 => format!(
            "{head}kind: TargetAudience\nmetadata: {{ name: audience-{number} }}\nspec:\n  displayName: Audience {number}\n  conditions:\n    - type: 11\n      data: {{ include: [{{ customerTypes: [returning]{} }}]{}{} }}\n",
            has(0, ", matchType: 0"),
            has(1, ", exclude: []"),
            has(2, ", note: by hand"),
        ),
        1 => format!(
            "{head}kind: SpecialOccasion\nmetadata: {{ name: occasion-{number} }}\nspec:\n  displayName: Occasion {number}\n  description: closed\n  events:\n    - name: Closed\n      working: {}\n      start: {{ dateTime: 2036-12-25, timeZone: Europe/Paris }}\n      end: {{ dateTime: 2036-12-26, timeZone: Europe/Paris }}\n{}{}",
            shape >> 3 & 1 == 1,
            has(
                0,
                "      recurrence: [\"RRULE:FREQ=DAILY;COUNT=2;INTERVAL=1\"]\n"
            ),
            has(
                1,
                "    - name: Late\n      working: true\n      start: { dateTime: 2036-12-23T08:00:00, timeZone: Europe/Paris }\n      end: { dateTime: 2036-12-23T22:00:00, timeZone: Europe/Paris }\n"
            ),
        ),
        _ => format!(
            "{head}kind: EngagementWindow\nmetadata: {{ name: window-{number} }}\nspec:\n  displayName: Window {number}\n  type: embedded\n  style:\n    scheme: modern\n    buttons: [{{ text: Help{} }}]\n    colors: {{ primary: '#000'{} }}\n{}",
            has(0, ", tooltip: soon"),
            has(1, ", secondary: '#fff'"),
            has(2, "    sound: true\n"),
        ),
    }
}

/// The looks of an engagement.
pub(super) fn looks(shape: usize, enabled: bool) -> String {
    let has = |bit: usize, text: &'static str| if shape >> bit & 1 == 1 { text } else { "" };
    format!(
        "  displayInstances:\n    - type: online\n      enabled: {enabled}\n      presentation: {{ label: Chat{}, elements: {{ labels: [{{ text: Chat{} }}] }} }}\n{}{}",
        has(0, ", color: '#123'"),
        has(1, ", css: { left: 8 }"),
        has(2, "      events: { click: { enabled: true } }\n"),
        has(3, "    - { type: offline, enabled: false }\n"),
    )
}

/// Keys that tell an item from the others, or that the platform needs.
const NEEDED: &[&str] = &[
    "id",
    "name",
    "type",
    "displayInstanceType",
    "dateTime",
    "timeZone",
    "enabled",
    "scheme",
];

/// Adds, changes or removes a key inside an item of a list, or inside open JSON: where, and what is there now.
pub(super) fn edit(body: &mut Value, draw: &mut Draw, number: usize) -> Option<(String, Value)> {
    let mut objects = Vec::new();
    for list in ["conditionBoxes", "displayInstances", "events", "json"] {
        if let Some(value) = body.get(list) {
            collect(value, &format!("/{list}"), &mut objects);
        }
    }
    let place = draw.of(&objects)?.clone();
    let inside = body.pointer_mut(&place)?.as_object_mut()?;
    let scalars = inside.iter().filter(|(key, value)| {
        !NEEDED.contains(&key.as_str()) && !value.is_object() && !value.is_array()
    });
    let scalars: Vec<String> = scalars.map(|(key, _)| key.clone()).collect();
    let value = Value::from(format!("edit {number}"));
    match (draw.below(3), draw.of(&scalars)) {
        (0, Some(key)) => {
            inside.shift_remove(key);
            Some((format!("{place}/{key}"), Value::Null))
        }
        (1, Some(key)) if inside[key].is_string() => {
            inside.insert(key.clone(), value.clone());
            Some((format!("{place}/{key}"), value))
        }
        _ => {
            inside.insert("colleague".to_owned(), value.clone());
            Some((format!("{place}/colleague"), value))
        }
    }
}

fn collect(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            out.push(at.to_owned());
            for (key, value) in map {
                collect(value, &format!("{at}/{key}"), out);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
}
