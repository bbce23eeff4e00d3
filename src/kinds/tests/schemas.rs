//! The schema of every kind says what its field table says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ManifestWorld, manifest_kinds};
use crate::kinds::field::{Codec, Field};
use crate::kinds::{ALL, shared};

#[test]
fn examples_pass_their_own_check() {
    for def in manifest_kinds() {
        let manifests = ManifestWorld::read(def.example);
        assert_eq!(manifests.0.len(), 1, "{}", def.name);
        assert_eq!(manifests.0[0]["kind"], def.name);
        assert_eq!(manifests.complaints(), [], "{}", def.name);
    }
}

#[test]
fn examples_pass_their_own_schema() {
    for def in manifest_kinds() {
        let mut generator = schemars::SchemaGenerator::default();
        let mut schema = (def.schema)(&mut generator);
        schema.insert("$defs".to_owned(), generator.take_definitions(true).into());
        let validator = jsonschema::validator_for(schema.as_value()).expect("schemas are valid");
        let manifests = ManifestWorld::read(def.example);
        let spec = &manifests.0[0]["spec"];
        let errors: Vec<_> = validator
            .iter_errors(spec)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", def.name);
    }
}

#[test]
fn spec_structs_and_field_tables_agree() {
    for def in manifest_kinds() {
        let mut generator = schemars::SchemaGenerator::default();
        let schema = (def.schema)(&mut generator).to_value();
        let definitions = Value::Object(generator.take_definitions(true));
        let mut leaves = BTreeSet::new();
        walk_schema(def.fields, &schema, &definitions, "", &mut leaves);
        let mut rows = BTreeSet::new();
        walk_fields(def.fields, "", &mut rows);
        assert_eq!(leaves, rows, "{}: schema left, table right", def.name);
    }
}

/// The paths of all schema properties but `extra`, down to those that a row takes whole.
fn walk_schema(
    fields: &[Field],
    schema: &Value,
    definitions: &Value,
    at: &str,
    out: &mut BTreeSet<String>,
) {
    let schema = resolved(schema, definitions);
    let Some(Value::Object(properties)) = schema.get("properties") else {
        panic!("no field row and no properties at `{at}`: {schema}");
    };
    for (key, property) in properties.iter().filter(|(key, _)| *key != "extra") {
        let path = joined(at, key);
        match fields.iter().find(|field| field.spec == path) {
            None => walk_schema(fields, property, definitions, &path, out),
            Some(field) => {
                out.insert(path.clone());
                let property = resolved(property, definitions);
                let mut inner = BTreeSet::new();
                match field.codec {
                    Codec::Object(fields) => {
                        walk_schema(fields, property, definitions, "", &mut inner);
                    }
                    Codec::List { fields, .. } => {
                        walk_schema(fields, &property["items"], definitions, "", &mut inner);
                    }
                    _ => {}
                }
                out.extend(inner.into_iter().map(|tail| joined(&path, &tail)));
            }
        }
    }
}

fn walk_fields(fields: &[Field], at: &str, out: &mut BTreeSet<String>) {
    for field in fields {
        let path = joined(at, field.spec);
        if let Codec::Object(inner) | Codec::List { fields: inner, .. } = field.codec {
            walk_fields(inner, &path, out);
        }
        assert!(out.insert(path.clone()), "`{path}` is defined twice");
    }
}

fn joined(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

/// The schema behind `$ref` and behind the null of an optional field.
fn resolved<'a>(schema: &'a Value, definitions: &'a Value) -> &'a Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return resolved(&definitions[name], definitions);
    }
    let branches = schema.get("anyOf").and_then(Value::as_array);
    let branch = branches.and_then(|branches| {
        let mut real = branches.iter().filter(|branch| branch["type"] != "null");
        real.next().filter(|_| branches.len() == 2)
    });
    branch.map_or(schema, |branch| resolved(branch, definitions))
}

#[test]
fn an_engagement_and_its_template_describe_their_fields_alike() {
    let properties = |kind: &str| {
        let mut generator = schemars::SchemaGenerator::default();
        let def = ALL.iter().find(|def| def.name == kind);
        let schema = (def.expect("the kind is in the list").schema)(&mut generator).to_value();
        let definitions = Value::Object(generator.take_definitions(true));
        resolved(&schema, &definitions)["properties"].clone()
    };
    let (engagement, template) = (properties("Engagement"), properties("EngagementTemplate"));
    for row in shared::appearance::FIELDS {
        assert_eq!(engagement[row.spec], template[row.spec], "{}", row.spec);
    }
}
