//! What the published schemas accept, and what they say to editors.

use serde_json::{Value, json};

use super::polish::{tell_deprecations, walk};
use super::*;
use crate::kinds::conditions_field;

fn accepts(schema: &Value, manifest: &Value) -> bool {
    jsonschema::validator_for(schema)
        .unwrap()
        .is_valid(manifest)
}

fn campaign(spec: &Value) -> Value {
    json!({ "apiVersion": "campaignctl.dev/v1", "kind": "Campaign", "metadata": { "name": "sale" }, "spec": spec })
}

/// A snippet is written into a manifest as it is: the number of a condition would be one of no account.
#[test]
fn no_snippet_has_a_made_up_number_of_a_condition() {
    for kind in KindId::manifests() {
        let Some(field) = conditions_field(kind.def()) else {
            continue;
        };
        let schema = super::kind(kind);
        let mut nodes = vec![&schema];
        let mut seen = 0;
        while let Some(node) = nodes.pop() {
            match node {
                Value::Object(map) => {
                    let snippets = map.get("defaultSnippets").and_then(Value::as_array);
                    for snippet in snippets.into_iter().flatten() {
                        let body = &snippet["body"];
                        let whole = body["spec"][field].as_array().into_iter().flatten();
                        let all: Vec<_> = whole.chain([body]).collect();
                        seen += all.len();
                        let is_number = |it: &&&Value| {
                            it["type"].is_number()
                                || it["type"].as_str().is_some_and(|it| it.starts_with("${"))
                        };
                        assert_eq!(all.iter().find(is_number), None, "{kind}");
                    }
                    nodes.extend(map.values());
                }
                Value::Array(items) => nodes.extend(items),
                _ => {}
            }
        }
        assert!(seen > 1, "{kind}");
    }
}

#[test]
fn a_variable_stands_wherever_it_can_be_filled_in() {
    let schemas = [manifest(), kind(KindId::named("Campaign").unwrap())];
    for schema in &schemas {
        for right in [
            json!({ "controlGroup": "${var.share}" }),
            json!({ "controlGroup": "${var.share}%" }),
            json!({ "priority": "${var.priority}" }),
            json!({ "state": "${var.state}" }),
            json!({ "goal": "${var.goal}" }),
            json!({ "targetAudiences": "${var.audiences}" }),
            json!({ "schedule": { "start": "2026-${var.month}-01T00:00:00" } }),
        ] {
            assert!(accepts(schema, &campaign(&right)), "{right}");
        }
        for wrong in [
            json!({ "controlGroup": "$${var.share}" }),
            json!({ "controlGroup": "${var.}" }),
            json!({ "priority": "1${var.priority}" }),
            json!({ "priority": "high" }),
            json!({ "state": "${share}" }),
            json!({ "schedule": "${var.schedule}" }),
            json!({ "targetAudiences": "everyone" }),
        ] {
            assert!(!accepts(schema, &campaign(&wrong)), "{wrong}");
        }
    }
    let mut named = campaign(&json!({}));
    named["metadata"]["name"] = Value::from("${var.name}");
    assert!(!accepts(&schemas[0], &named), "names are never filled in");
}

#[test]
fn an_overlay_says_only_what_differs() {
    let schema = overlay();
    let named = |kind: &str| json!({ "kind": kind, "metadata": { "name": "sale" } });
    let with = |key: &str, value: Value| {
        let mut overlay = named("Campaign");
        overlay[key] = value;
        overlay
    };
    assert!(accepts(&schema, &named("Goal")));
    assert!(accepts(&schema, &with("$patch", json!("delete"))));
    assert!(accepts(&schema, &with("spec", json!({ "schedule": null }))));
    assert!(accepts(&schema, &with("lifecycle", Value::Null)));
    assert!(accepts(
        &schema,
        &with("lifecycle", json!({ "protect": true }))
    ));
    assert!(!accepts(&schema, &named("Gaol")));
    assert!(!accepts(&schema, &with("$patch", json!("merge"))));
    assert!(!accepts(&schema, &with("spec", json!({ "novelty": 1 }))));
    assert!(!accepts(
        &schema,
        &with("lifecycle", json!({ "protect": "yes" }))
    ));
}

#[test]
fn a_deprecated_field_says_so_in_editors() {
    let mut schema = json!({ "properties": {
        "old": { "description": "Use `new`.", "deprecated": true },
        "new": { "description": "The new one." }
    } });
    walk(&mut schema, &mut tell_deprecations);
    assert_eq!(
        schema["properties"]["old"]["deprecationMessage"],
        "Use `new`."
    );
    assert_eq!(schema["properties"]["new"].get("deprecationMessage"), None);
}

#[test]
fn draft_7_has_nothing_beside_a_reference() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/v1/sample.schema.json",
        "properties": { "goal": { "description": "A goal.", "$ref": "#/$defs/Goal" }, "plain": { "$ref": "#/$defs/Goal" } },
        "$defs": { "Goal": { "type": "string" } }
    });
    assert_eq!(
        to_draft_7(schema),
        json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": "https://example.com/v1/draft-07/sample.schema.json",
            "properties": {
                "goal": { "description": "A goal.", "allOf": [{ "$ref": "#/definitions/Goal" }] },
                "plain": { "$ref": "#/definitions/Goal" }
            },
            "definitions": { "Goal": { "type": "string" } }
        })
    );
}
