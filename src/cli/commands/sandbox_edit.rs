//! `sandbox edit`: what a person in the console would do to an object of the sandbox.

use clap::Args;
use serde_json::{Map, Value};

use super::edited_field::Field;
use crate::api::{Address, Reader as _, Writer as _};
use crate::cli::ui::Ui;
use crate::cli::uses::named;
use crate::cli::{exit, runtime};
use crate::diag::did_you_mean;
use crate::export::{exportable, named_object};
use crate::kinds::mapping::{join, lift, merge, overlay};
use crate::kinds::{Findings, KindId, Role};
use crate::live::{Needs, References};
use crate::project::SANDBOX;
use crate::report::fields::{Root, field_paths};
use crate::resolve::Desired;
use crate::run::account::Account;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::select::Unknown;
use crate::text::safe::line;
use crate::text::{Document, FileId, Limits, yaml};

/// Change an object of the sandbox, as a person in the console would.
///
/// Fields are named and written as in manifests, below `spec`. Manifests and ledger do not change: the edit shows up
/// as drift.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl sandbox edit Goal/checkout-done indicator.url=/thank-you
  campaignctl sandbox edit Campaign/sale state=unpublished controlGroup=5%
  campaignctl sandbox edit 'Campaign/Autumn sale 2026' schedule.end=null
  campaignctl sandbox edit Engagement/app-home 'displayInstances[online].enabled=false'
  campaignctl sandbox edit Engagement/app-home 'entryPoints=[{ live: Checkout }]'")]
pub(in crate::cli) struct EditArgs {
    /// The object: by the name of its manifest, by display name, or by id.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys(), value_parser = named)]
    what: (KindId, String),
    /// The change: a field below `spec` and its value as YAML. `null` removes it. `LIST[KEY]` is one item of a list.
    #[arg(value_name = "FIELD=VALUE", required = true, value_parser = change)]
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
    if let Some(name) = run.given_environment().filter(|name| *name != SANDBOX) {
        let why = format!("`sandbox edit` changes the sandbox, and not {name}");
        return Err(Error::invalid(why).help("leave `-e` out"));
    }
    let run = &run.or_environment(SANDBOX);
    let (kind, _) = args.what;
    check_fields(kind, &args.changes)?;
    let workspace = Workspace::find(run, &[])?;
    runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let edited = edit(run, &account, &args.what, &args.changes).await;
        account.close().await;
        let name = edited?;
        ui.note(&format!(
            "{} `{}` was changed in the sandbox.",
            kind.name(),
            line(&name)
        ));
        Ok(exit::DONE)
    })
}

/// Refuses fields that the kind does not have, before anything is read.
fn check_fields(kind: KindId, changes: &[(Field, Value)]) -> Result<(), Error> {
    if matches!(kind.def().role, Role::Local | Role::Reference) {
        let why = format!(
            "{} has no fields in an account that could be changed",
            kind.one()
        );
        return Err(Error::invalid(why));
    }
    let known = field_paths(Root::Kind(kind));
    for (field, _) in changes {
        let field = field.without_items();
        let path = format!("{}.{field}", kind.name());
        if !known.contains(&path) {
            let near = did_you_mean(&path, known.iter().map(String::as_str));
            let help = near.unwrap_or_else(|| {
                format!("`campaignctl explain {}` lists its fields", kind.name())
            });
            return Err(
                Error::invalid(format!("{} has no field `{field}`", kind.name())).help(help),
            );
        }
    }
    Ok(())
}

/// Changes the object, and returns its display name.
async fn edit(
    run: &Run,
    account: &Account,
    (kind, name): &(KindId, String),
    changes: &[(Field, Value)],
) -> Result<String, Error> {
    let ledger = account
        .ledger
        .load(&run.machine().unique_id())
        .await?
        .ledger;
    let inventory = account.read(run, &Needs::every(exportable())).await?;
    let object = named_object(&inventory, &ledger, *kind, name)
        .map_err(|Unknown { message, help }| Error::invalid(message).help(help))?;
    let address = Address {
        kind: *kind,
        parent: object.parent.clone(),
        id: object.id.clone(),
    };
    let item = account.client.get(&address).await?;
    let references = References::bound(&inventory, &ledger);
    let def = kind.def();
    let mut spec = lift(def, &item.body, &references);
    let mut patch = Value::Object(Map::new());
    for (field, value) in changes {
        let one = field.patch(def.fields, &spec, value);
        let one = one.map_err(|(message, help)| Error::invalid(message).help(help))?;
        merge(&mut spec, &one);
        join(&mut patch, &one);
    }
    (def.check)(&spec, name, &Desired::default(), &mut Findings::default()).map_err(|error| {
        let place = error.pointer.to_string();
        Error::invalid(format!(
            "`{}` cannot be that: {}",
            place.trim_start_matches('/'),
            error.message
        ))
    })?;
    let mut body = item.body.clone();
    overlay(def, &mut body, &patch, &references);
    account
        .client
        .update(&address, &item.revision, &body)
        .await?;
    Ok(object.display_name.clone())
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
