//! `sandbox edit`: what a person in the console would do to an object of the sandbox.

use clap::Args;
use serde_json::Value;

use super::edited_field::{Field, Refused};
use crate::api::{Address, Reader as _, Writer as _};
use crate::cli::ui::Ui;
use crate::cli::uses::named;
use crate::cli::{exit, runtime};
use crate::diag::nearest;
use crate::export::{exportable, named_object};
use crate::kinds::mapping::{lift, merge, overlay, same};
use crate::kinds::{Findings, KindId, Lookup as _, Role, Use, field, uses};
use crate::live::{Needs, References};
use crate::project::SANDBOX;
use crate::resolve::Desired;
use crate::run::account::Account;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::select::Unknown;
use crate::text::safe::line;
use crate::text::{Document, FileId, Limits, yaml};

/// Change an object of the sandbox, as a person in the console would.
///
/// Fields are named and written as in manifests, below `spec`. A mapping is merged into what the object has. Manifests
/// and ledger do not change: the edit of a field that a manifest declares shows up as drift.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl sandbox edit Goal/checkout-done indicator.url=/thank-you
  campaignctl sandbox edit Campaign/sale state=unpublished controlGroup=5%
  campaignctl sandbox edit 'Campaign/Autumn sale 2026' schedule.end=null
  campaignctl sandbox edit Engagement/app-home 'displayInstances[online].enabled=false'
  campaignctl sandbox edit EngagementWindow/club style.sound=true
  campaignctl sandbox edit Behavior/hesitates 'conditions[timeOnPage].data.seconds=50'
  campaignctl sandbox edit Engagement/app-home 'entryPoints=[{ live: Checkout }]'")]
pub(in crate::cli) struct EditArgs {
    /// The object: by the name of its manifest, by display name, or by id.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys(), value_parser = named)]
    what: (KindId, String),
    /// The change: a field below `spec` and its value as YAML. `null` removes it. `LIST[KEY]` is one item of a list.
    #[arg(value_name = "FIELD=VALUE", required = true, add = crate::cli::completing::edited_fields(), value_parser = change)]
    changes: Vec<(Field, Value)>,
}

fn change(text: &str) -> Result<(Field, Value), String> {
    let mut depth = 0_usize;
    let equals = text.find(|it: char| {
        depth = match it {
            '[' => depth + 1,
            ']' => depth.saturating_sub(1),
            _ => depth,
        };
        it == '=' && depth == 0
    });
    let (field, value) = equals
        .map(|at| (&text[..at], &text[at + 1..]))
        .ok_or_else(|| format!("`{text}` is not of the form FIELD=VALUE"))?;
    Ok((field.parse()?, value_of(field, value)?))
}

/// A value as YAML in brackets, in quotes, or as a scalar. All other text is what it looks like: no block of YAML, and without
/// comments, because it is one word of a command line.
fn value_of(field: &str, text: &str) -> Result<Value, String> {
    let (documents, errors) = yaml::parse(FileId(0), text, &Limits::default());
    let is_explicit = text
        .trim_start()
        .starts_with(['{', '[', '"', '\'', '&', '!']);
    if let Some(error) = errors.first() {
        return if is_explicit {
            Err(format!(
                "the value of `{field}` is not YAML: {}",
                error.message
            ))
        } else {
            Ok(Value::from(text))
        };
    }
    let first = documents.into_iter().next();
    let value = first.map_or(Value::Null, Document::into_value);
    let is_scalar = !value.is_object() && !value.is_array() && !value.is_string();
    Ok(if is_explicit || is_scalar && !text.contains('#') {
        value
    } else {
        Value::from(text.trim())
    })
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &EditArgs) -> Result<u8, Error> {
    let run = &run.or_environment(SANDBOX);
    let (kind, name) = &args.what;
    let role = kind.def().role;
    if matches!(role, Role::Local | Role::Reference) {
        let why = match role {
            Role::Local => format!("{} is in no account: edit its manifest", kind.one()),
            _ => format!("{} cannot be edited here", kind.one()),
        };
        return Err(Error::invalid(why));
    }
    let workspace = Workspace::find(run, &[])?;
    runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let edited = edit(run, &account, *kind, name, &args.changes).await;
        account.close().await;
        let edited = edited?;
        let object = format!("{} `{}`", kind.name(), line(&edited.display_name));
        if edited.is_written {
            ui.note(&format!("{object} was changed in the sandbox."));
        }
        if !edited.same.is_empty() {
            let fields = line(&edited.same.join(", ")).into_owned();
            ui.note(&if edited.is_written {
                format!("Already so before: {fields}.")
            } else {
                format!("Nothing was changed: {object} already has this value of {fields}.")
            });
        }
        Ok(exit::DONE)
    })
}

/// What became of an edit.
struct Edited {
    display_name: String,
    /// Whether the object is another one now.
    is_written: bool,
    /// The fields that had their values before.
    same: Vec<String>,
}

/// Changes the object.
async fn edit(
    run: &Run,
    account: &Account,
    kind: KindId,
    name: &str,
    changes: &[(Field, Value)],
) -> Result<Edited, Error> {
    let ledger = account
        .ledger
        .load(&run.machine().unique_id())
        .await?
        .ledger;
    let inventory = account.read(run, &Needs::every(exportable())).await?;
    let object = named_object(&inventory, &ledger, kind, name)
        .map_err(|Unknown { message, help }| Error::invalid(message).help(help))?;
    for (field, _) in changes {
        field.check(kind).map_err(refused)?;
    }
    let address = Address {
        kind,
        parent: object.parent.clone(),
        id: object.id.clone(),
    };
    let item = account.client.get(&address).await?;
    let references = References::bound(&inventory, &ledger);
    let held = lift(kind.def(), &item.body, &references);
    let change = Change::of(kind, name, (&held, &item.body), changes, &references)?;
    if change.body != item.body {
        let written = account
            .client
            .update(&address, &item.revision, &change.body)
            .await?;
        let taken = lift(kind.def(), &written.body, &references);
        if taken == held && !change.is_unreturned {
            return Err(Error::invalid("the sandbox kept nothing of the change"));
        }
    }
    Ok(Edited {
        display_name: object.display_name.clone(),
        is_written: change.body != item.body,
        same: change.same,
    })
}

/// What an edit makes of an object.
struct Change {
    body: Value,
    /// The fields that had their values before.
    same: Vec<String>,
    /// Whether one of the fields is never returned, so that nobody can see whether the platform took it.
    is_unreturned: bool,
}

impl Change {
    fn of(
        kind: KindId,
        name: &str,
        (held, live): (&Value, &Value),
        changes: &[(Field, Value)],
        references: &References,
    ) -> Result<Self, Error> {
        let def = kind.def();
        let mut spec = held.clone();
        let mut change = Self {
            body: live.clone(),
            same: Vec::new(),
            is_unreturned: false,
        };
        for (field, value) in changes {
            let patch = field.patch(def.fields, &spec, value).map_err(refused)?;
            if let Some(unknown) = unknown_reference(def.fields, &patch, &spec, references) {
                return Err(refused(unknown));
            }
            let mut wanted = spec.clone();
            merge(&mut wanted, &patch);
            let before = change.body.clone();
            overlay(def, &mut change.body, &patch, references);
            if same(&before, &change.body) {
                change.body = before;
                if !same(&wanted, &spec) {
                    return Err(refused(field.of_no_effect(kind)));
                }
                change.same.push(field.to_string());
            }
            change.is_unreturned |= field.is_unreturned(def.fields);
            spec = wanted;
        }
        let mut findings = Findings::default();
        (def.check)(&spec, name, &Desired::default(), &mut findings).map_err(|error| {
            let place = error.pointer.path();
            Error::invalid(in_words(&place, error.message.trim_end_matches('.')))
        })?;
        Ok(change)
    }
}

fn refused((message, help): Refused) -> Error {
    Error::invalid(message).help(help)
}

/// A reference as it is written: `home`, `{ live: Home }`.
fn shown_reference(reference: &Value) -> String {
    match reference {
        Value::String(name) => format!("`{name}`"),
        Value::Object(map) if map.len() == 1 => {
            let parts = map.iter().map(|(key, value)| match value {
                Value::String(text) => format!("`{{ {key}: {text} }}`"),
                other => format!("`{{ {key}: {other} }}`"),
            });
            parts.collect()
        }
        other => format!("`{other}`"),
    }
}

/// What is wrong with a value, in the words of the file: the parser's are those of a program.
fn in_words(place: &str, message: &str) -> String {
    let expected = message
        .strip_prefix("invalid type: ")
        .and_then(|text| text.rsplit_once(", expected "))
        .map(|(_, expected)| expected);
    let wanted = match expected {
        Some("a string") => "text",
        Some("a boolean") => "`true` or `false`",
        Some("a sequence") => "a list",
        Some("u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "f64") => "a number",
        Some(text) if text.starts_with("struct ") || text == "a map" => "a mapping",
        _ => return format!("`{place}` is not valid: {message}"),
    };
    format!("`{place}` must be {wanted}")
}

/// The first reference of a change that stands for no object of the account. What the object refers to already may stay.
fn unknown_reference(
    fields: &'static [field::Field],
    patch: &Value,
    held: &Value,
    references: &References,
) -> Option<Refused> {
    let before = uses(fields, held);
    let found = uses(fields, patch);
    let unknown = found.into_iter().find(|found| {
        let id = references.to_id(found.kind, found.reference);
        let is_held = |it: &Use<'_>| it.kind == found.kind && it.reference == found.reference;
        !found.reference.is_null()
            && !references.has_id(found.kind, &id)
            && !before.iter().any(is_held)
    })?;
    let kind = unknown.kind;
    let text = shown_reference(unknown.reference);
    let message = format!("the account has no {kind} {}", line(&text));
    let is_bare = KindId::known(kind).def().role == Role::Reference;
    let rows: Vec<(&str, String)> = references
        .rows()
        .filter(|(of, ..)| of.name() == kind)
        .flat_map(|(_, _, name, shown)| {
            let written = match name {
                Some(name) => format!("`{name}`"),
                None if is_bare => format!("`{shown}`"),
                None => format!("`{{ live: {shown} }}`"),
            };
            [name, Some(shown)]
                .into_iter()
                .flatten()
                .map(move |word| (word, written.clone()))
        })
        .collect();
    let word = unknown
        .reference
        .get("live")
        .unwrap_or(unknown.reference)
        .as_str();
    let near = nearest(word.unwrap_or_default(), rows.iter().map(|(word, _)| *word));
    let near = near.and_then(|near| rows.iter().find(|(word, _)| *word == near));
    let help = near.map_or_else(
        || format!("`campaignctl status --kind {kind}` lists what the account contains"),
        |(_, written)| format!("did you mean {}?", line(written)),
    );
    Some((message, help))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_what_it_looks_like() {
        for (text, value) in [
            ("New: basket # 1", json!("New: basket # 1")),
            ("Sale #1", json!("Sale #1")),
            ("yes", json!("yes")),
            ("- a", json!("- a")),
            ("12", json!(12)),
            ("true", json!(true)),
            ("null", Value::Null),
            ("", Value::Null),
            ("\"12\"", json!("12")),
            ("{ live: Checkout }", json!({ "live": "Checkout" })),
            ("[a, b]", json!(["a", "b"])),
        ] {
            assert_eq!(value_of("displayName", text), Ok(value), "{text}");
        }
        assert!(value_of("displayName", "[a").is_err());
    }
}
