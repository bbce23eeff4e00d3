//! Engagement attributes: what an app or page reports of a visitor, in the platform's own shape
//! (platform.md#engagement-attributes). The types are known, and so are their keys; others are kept.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::diag::{Advice, Code, suggestion};
use crate::kinds::Findings;
use crate::text::Pointer;

/// What a value of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Day,
    /// A list or an object of the platform's own.
    Open,
}

/// A type of attributes: its name, the key around its values, and the values.
struct Shape {
    name: &'static str,
    around: Option<&'static str>,
    keys: &'static [(&'static str, Form)],
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "ctmrinfo",
        around: Some("info"),
        keys: &[
            ("cstatus", Form::Text),
            ("ctype", Form::Text),
            ("balance", Form::Number),
            ("currency", Form::Text),
            ("customerId", Form::Text),
            ("socialId", Form::Text),
            ("imei", Form::Text),
            ("userName", Form::Text),
            ("companySize", Form::Number),
            ("accountName", Form::Text),
            ("role", Form::Text),
            ("lastPaymentDate", Form::Day),
            ("registrationDate", Form::Day),
            ("storeZipCode", Form::Text),
            ("storeNumber", Form::Text),
        ],
    },
    Shape {
        name: "personal",
        around: Some("personal"),
        keys: &[
            ("firstname", Form::Text),
            ("lastname", Form::Text),
            ("age", Form::Open),
            ("contacts", Form::Open),
            ("gender", Form::Text),
            ("language", Form::Text),
            ("company", Form::Text),
        ],
    },
    Shape {
        name: "mrktInfo",
        around: Some("info"),
        keys: &[
            ("channel", Form::Number),
            ("affiliate", Form::Text),
            ("campaignId", Form::Text),
        ],
    },
    Shape {
        name: "cart",
        around: None,
        keys: &[
            ("total", Form::Number),
            ("currency", Form::Text),
            ("numItems", Form::Number),
            ("products", Form::Open),
        ],
    },
    Shape {
        name: "purchase",
        around: None,
        keys: &[
            ("total", Form::Number),
            ("currency", Form::Text),
            ("orderId", Form::Text),
            ("cart", Form::Open),
        ],
    },
    Shape {
        name: "prodView",
        around: None,
        keys: &[("currency", Form::Text), ("products", Form::Open)],
    },
    Shape {
        name: "lead",
        around: Some("lead"),
        keys: &[
            ("topic", Form::Text),
            ("value", Form::Number),
            ("currency", Form::Text),
            ("leadId", Form::Text),
        ],
    },
    Shape {
        name: "service",
        around: Some("service"),
        keys: &[
            ("topic", Form::Text),
            ("status", Form::Number),
            ("category", Form::Text),
            ("serviceId", Form::Text),
        ],
    },
    Shape {
        name: "error",
        around: Some("error"),
        keys: &[
            ("contextId", Form::Text),
            ("message", Form::Text),
            ("code", Form::Text),
            ("level", Form::Open),
            ("resolved", Form::Open),
        ],
    },
    Shape {
        name: "searchInfo",
        around: None,
        keys: &[("keywords", Form::Open)],
    },
];

/// What belongs to the report of an impression, and never to a visit.
const IMPRESSIONS: [&str; 2] = ["impDisplay", "impAccept"];

/// Why an attribute must be of a type and keys that are known.
pub(crate) const WHY_KNOWN: &str = "Conditions are decided on the attributes whose types and keys the vendor documents. \
     A misspelt one is no error on the platform: it is not seen, and the visitor is offered something else.";

/// Why an attribute must have the shape of its type.
pub(crate) const WHY_SHAPED: &str = "The platform reads an attribute by its `type`, and its values in the place and form \
     that the type has. An attribute of another shape makes the call of the app fail, or is not seen.";

/// The codes that a kind raises about attributes.
pub(crate) struct AttributeCodes {
    /// A type or a key that is not known.
    pub(crate) unknown: &'static Code,
    /// An attribute that no visit can have.
    pub(crate) shape: &'static Code,
}

/// Complains about attributes that are misspelt or of another shape.
pub(crate) fn check_attributes(
    attributes: &[Value],
    at: &Pointer,
    codes: &AttributeCodes,
    out: &mut Findings,
) {
    for (index, attribute) in attributes.iter().enumerate() {
        check(attribute, &at.index(index), codes, out);
    }
}

fn check(attribute: &Value, at: &Pointer, codes: &AttributeCodes, out: &mut Findings) {
    let Some(name) = attribute.get("type").and_then(Value::as_str) else {
        return out.push(
            codes.shape,
            at.clone(),
            "the attribute has no `type`",
            "write the platform's own type, as `{ type: ctmrinfo, info: { ctype: .. } }`",
        );
    };
    if IMPRESSIONS.contains(&name) {
        return out.push(
            codes.shape,
            at.key("type"),
            format!("`{name}` reports an impression, which is not an attribute of a visitor"),
            "remove it",
        );
    }
    let Some(shape) = SHAPES.iter().find(|shape| shape.name == name) else {
        return out.push(
            codes.unknown,
            at.key("type"),
            format!("`{name}` is not a known type of engagement attributes"),
            near(name, SHAPES.iter().map(|shape| shape.name)),
        );
    };
    let outer: Vec<&str> = match shape.around {
        Some(around) => vec![around],
        None => shape.keys.iter().map(|(key, _)| *key).collect(),
    };
    for key in keys(attribute).filter(|key| *key != "type" && !outer.contains(key)) {
        out.push(
            codes.unknown,
            at.key(key),
            format!("`{key}` is not a known key of `{name}`"),
            near(key, outer.iter().copied()),
        );
    }
    match shape.around {
        Some(around) => match attribute.get(around) {
            Some(Value::Object(inner)) => values(inner, shape, &at.key(around), codes, out),
            _ => out.push(
                codes.shape,
                at.clone(),
                format!("`{name}` has its values in `{around}`, which is missing"),
                format!("write `{{ type: {name}, {around}: {{ .. }} }}`"),
            ),
        },
        None => values(
            attribute.as_object().unwrap_or(&Map::new()),
            shape,
            at,
            codes,
            out,
        ),
    }
}

fn values(
    map: &Map<String, Value>,
    shape: &Shape,
    at: &Pointer,
    codes: &AttributeCodes,
    out: &mut Findings,
) {
    for (key, value) in map {
        let known = shape.keys.iter().find(|(known, _)| known == key);
        let Some((_, form)) = known else {
            if shape.around.is_some() {
                out.push(
                    codes.unknown,
                    at.key(key),
                    format!("`{key}` is not a known key of `{}`", shape.name),
                    near(key, shape.keys.iter().map(|(key, _)| *key)),
                );
            }
            continue;
        };
        let (is_right, expected) = match form {
            Form::Text => (value.is_string() || value.is_number(), "a text"),
            Form::Number => (value.is_number(), "a number"),
            Form::Day => (day(value).is_some(), "`{ year: .., month: .., day: .. }`"),
            Form::Open => (true, ""),
        };
        if !is_right {
            out.push(
                codes.shape,
                at.key(key),
                format!("`{key}` of `{}` is {expected}", shape.name),
                format!("write {expected}"),
            );
        }
    }
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().map(String::as_str))
}

fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Advice {
    suggestion(word, known).unwrap_or_else(|| {
        "check the spelling; a type or key that the platform added lately is kept, and no condition is decided on it".into()
    })
}

/// An attribute with one value, as the platform has it.
///
/// # Errors
/// A type or key that is not known, and a text where a number is needed.
pub fn attribute(of: &str, key: &str, value: &str) -> Result<Value, String> {
    let shape = SHAPES
        .iter()
        .find(|shape| shape.name == of)
        .ok_or_else(|| {
            let names: Vec<&str> = SHAPES.iter().map(|shape| shape.name).collect();
            format!(
                "`{of}` is not a known type of engagement attributes, which are {}",
                names.join(", ")
            )
        })?;
    let form = shape.keys.iter().find(|(known, _)| *known == key);
    let Some((_, form)) = form else {
        let names: Vec<&str> = shape.keys.iter().map(|(key, _)| *key).collect();
        return Err(format!(
            "`{key}` is not a known key of `{of}`, which are {}",
            names.join(", ")
        ));
    };
    let value = match form {
        Form::Text => Value::from(value),
        Form::Number => {
            let number: f64 = value
                .parse()
                .map_err(|_| format!("`{key}` of `{of}` is a number"))?;
            Value::from(number)
        }
        Form::Day => {
            let shape = r#"{"year":2026,"month":1,"day":31}"#;
            let read = value.parse().ok().filter(|it| day(it).is_some());
            read.ok_or_else(|| format!("`{key}` of `{of}` is a day: `{shape}`"))?
        }
        Form::Open => value
            .parse()
            .map_err(|_| format!("`{key}` of `{of}` is written as JSON"))?,
    };
    let inner = serde_json::json!({ key: value });
    let mut whole = match shape.around {
        Some(around) => serde_json::json!({ around: inner }),
        None => inner,
    };
    whole["type"] = Value::from(of);
    Ok(whole)
}

/// A day as the platform writes it.
#[must_use]
pub(crate) fn day(value: &Value) -> Option<Date> {
    let part = |key: &str| value.get(key).and_then(Value::as_i64);
    let (year, month, day) = (part("year")?, part("month")?, part("day")?);
    Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_has_three_numbers() {
        let some = day(&json!({"year": 2026, "month": 3, "day": 21}));
        assert_eq!(some, Some(jiff::civil::date(2026, 3, 21)));
        assert_eq!(day(&json!({"year": 2026, "month": 13, "day": 21})), None);
        assert_eq!(day(&json!({"year": 2026})), None);
        assert_eq!(day(&json!("2026-03-21")), None);
    }
}
