//! What is generated out of the code: the schemas, and the pages of kinds, fields, documents, topics and diagnostics. The
//! pages of commands come from the command line itself.

use std::path::Path;

use serde_json::{Value, json};

use super::{Error, Meaning, codes, project_schema, sandbox_page};
use crate::check::published::{self, ADDRESS, address};
use crate::check::schema::file_stem;
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::report::explain::codes_page;
use crate::report::fields::{documents_page, fields_page};
use crate::report::topics::topics_page;
use crate::report::{drift, failure, graph, launch, manifests, outcome, rollout, sends};

/// One generated file.
#[derive(Debug)]
pub struct Generated {
    /// Its path below the folder of the schemas.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Generated {
    /// Changes the schema in the file; `false` when there is none.
    ///
    /// # Panics
    /// Where the text of a schema is no JSON, which nothing writes.
    pub fn rewrite_schema(&mut self, change: impl FnOnce(Value) -> Value) -> bool {
        if !self.path.ends_with(".schema.json") {
            return false;
        }
        let schema = serde_json::from_str(&self.text).expect("a schema was written as JSON");
        self.text = text_of(&change(schema));
        true
    }
}

/// The schemas of the files that people have open in editors.
#[must_use]
pub fn for_editors() -> Vec<Generated> {
    vec![
        schema_file("manifest", &published::manifest()),
        schema_file("overlay", &published::overlay()),
        schema_file("campaignctl", &project_schema::schema()),
        schema_file("plan", &crate::plan::schema()),
    ]
}

/// Every generated file, but for the page of commands.
#[must_use]
pub fn all() -> Vec<Generated> {
    let mut files = for_editors();
    files.extend([
        schema_file("outcome", &outcome::schema()),
        schema_file("drift", &drift::schema()),
        schema_file("pull", &crate::pull::schema()),
        schema_file("error", &failure::schema()),
        schema_file("audit", &crate::audit::schema()),
        schema_file("status", &crate::report::status::schema()),
        schema_file("uses", &crate::users::schema()),
        schema_file("ids", &crate::ids::schema()),
        schema_file("test", &crate::report::scenarios::schema()),
        schema_file("proof", &crate::report::scenarios::proof_schema()),
        schema_file("visit", &crate::report::scenarios::visit_schema()),
        schema_file("notice", &crate::report::notice::schema()),
        schema_file("launch-plan", &crate::launch::schema()),
        schema_file("launches", &launch::schema()),
        schema_file("report", &sends::schema()),
        schema_file("graph", &graph::schema()),
        schema_file("plans", &crate::plan::plans_schema()),
        schema_file("plan-index", &crate::plan::index_schema()),
        schema_file("rollout", &rollout::schema()),
        schema_file("manifests", &manifests::schema()),
    ]);
    files.extend(
        KindId::manifests().map(|kind| schema_file(&file_stem(kind), &published::kind(kind))),
    );
    files.extend(ADDRESS.map(|base| Generated {
        path: "schemastore.json".to_owned(),
        text: text_of(&catalogue(base)),
    }));
    files.push(Generated {
        path: "diagnostics.md".to_owned(),
        text: codes_page(&codes::all()),
    });
    files.push(Generated {
        path: "topics.md".to_owned(),
        text: topics_page(),
    });
    files.push(Generated {
        path: "sandbox.md".to_owned(),
        text: sandbox_page::page(),
    });
    files.push(Generated {
        path: "kinds.md".to_owned(),
        text: kinds_page(),
    });
    files.push(Generated {
        path: "fields.md".to_owned(),
        text: fields_page(),
    });
    files.push(Generated {
        path: "documents.md".to_owned(),
        text: documents_page(&documents()),
    });
    files
}

/// The documents that the program writes for others, those with several plans aside: they hold plans.
pub(super) fn documents() -> [(&'static str, Value); 19] {
    [
        ("plan", crate::plan::schema()),
        ("plan-index", crate::plan::index_schema()),
        ("outcome", outcome::schema()),
        ("rollout", rollout::schema()),
        ("drift", drift::schema()),
        ("pull", crate::pull::schema()),
        ("error", failure::schema()),
        ("audit", crate::audit::schema()),
        ("uses", crate::users::schema()),
        ("ids", crate::ids::schema()),
        ("test", crate::report::scenarios::schema()),
        ("proof", crate::report::scenarios::proof_schema()),
        ("visit", crate::report::scenarios::visit_schema()),
        ("notice", crate::report::notice::schema()),
        ("launch-plan", crate::launch::schema()),
        ("launches", launch::schema()),
        ("report", sends::schema()),
        ("graph", graph::schema()),
        ("manifests", manifests::schema()),
    ]
}

fn schema_file(stem: &str, schema: &Value) -> Generated {
    Generated {
        path: format!("{stem}.schema.json"),
        text: text_of(&identified(schema, address(ADDRESS, stem))),
    }
}

/// A schema with its address behind the draft that it is written in.
fn identified(schema: &Value, address: Option<String>) -> Value {
    let mut schema = schema.clone();
    if let (Some(fields), Some(address)) = (schema.as_object_mut(), address) {
        let at = usize::from(fields.contains_key("$schema"));
        fields.shift_insert(at, "$id".to_owned(), Value::from(address));
    }
    schema
}

fn text_of(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The entries for the catalogue of `SchemaStore`, from which editors take schemas by file name. A manifest has
/// no file name of its own: those who want it recognized without a modeline end it with `.campaignctl.yaml`.
fn catalogue(base: &str) -> Value {
    let entry = |name: &str, description: &str, files: [&str; 2], stem: &str| {
        json!({
            "name": name,
            "description": description,
            "fileMatch": files,
            "url": address(Some(base), stem),
        })
    };
    json!([
        entry(
            "campaignctl project",
            "Project file of campaignctl, configuration as code for LivePerson Conversational Cloud",
            ["campaignctl.yaml", "campaignctl.yml"],
            "campaignctl",
        ),
        entry(
            "campaignctl manifest",
            "Campaigns, engagements and handoffs of LivePerson Conversational Cloud as code",
            ["*.campaignctl.yaml", "*.campaignctl.yml"],
            "manifest",
        ),
    ])
}

fn kinds_page() -> String {
    format!(
        "# Kinds\n\nGenerated by `campaignctl schema --write schemas`.\n\n{}",
        crate::report::fields::kinds_table()
    )
}

/// The text of one schema among the generated files: of a kind, of any manifest when there is no name, or of a published
/// file.
///
/// # Errors
/// An unknown name, with the nearest kind.
pub fn schema_named(files: Vec<Generated>, name: Option<&str>) -> Result<String, Error> {
    let name = name.unwrap_or("manifest");
    let kind = KindId::manifests().find(|kind| kind.name().eq_ignore_ascii_case(name));
    let stem = kind.map_or_else(|| name.to_ascii_lowercase(), file_stem);
    let path = format!("{stem}.schema.json");
    let found = files.into_iter().find(|file| file.path == path);
    found.map(|file| file.text).ok_or_else(|| {
        let names: Vec<_> = KindId::manifests().map(KindId::name).collect();
        let help = did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")));
        Error::invalid(format!("there is no kind `{name}`")).help(help)
    })
}

/// Writes generated files into a folder, which is made. `flag` names it.
///
/// # Errors
/// A folder that cannot be made, a file that cannot be written.
pub fn write_into(folder: &Path, files: &[Generated], flag: &'static str) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let why = format!("cannot make the folder `{}`: {error}", folder.display());
        Error::new(Meaning::Failed, why).about(flag)
    })?;
    for Generated { path, text } in files {
        std::fs::write(folder.join(path), text)?;
    }
    Ok(())
}

/// The generated files that a folder does not have as they are.
#[must_use]
pub fn stale_in(folder: &Path, files: &[Generated]) -> Vec<String> {
    let is_stale = |file: &&Generated| {
        let held = std::fs::read_to_string(folder.join(&file.path)).ok();
        held.as_deref() != Some(&file.text)
    };
    let stale = files.iter().filter(is_stale);
    stale.map(|file| file.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_found_by_kind_and_by_file_and_a_folder_is_compared() {
        let first = KindId::manifests().next().unwrap().name();
        let of_kind = schema_named(all(), Some(&first.to_uppercase())).unwrap();
        assert!(of_kind.contains(first));
        assert!(schema_named(all(), Some("Overlay")).is_ok() && schema_named(all(), None).is_ok());
        let error = schema_named(all(), Some("nothing-like-it")).unwrap_err();
        assert_eq!(error.message, "there is no kind `nothing-like-it`");
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let files = for_editors();
        assert_eq!(stale_in(&folder, &files).len(), files.len());
        write_into(&folder, &files, "--write").unwrap();
        assert!(stale_in(&folder, &files).is_empty());
        std::fs::write(folder.join("plan.schema.json"), "{}").unwrap();
        assert_eq!(stale_in(&folder, &files), ["plan.schema.json"]);
    }

    #[test]
    fn an_address_is_in_every_schema_and_in_the_catalogue() {
        let base = "https://example.com/v1";
        let schema = json!({ "$schema": "x", "title": "A goal" });
        assert_eq!(
            identified(&schema, address(Some(base), "goal")).to_string(),
            r#"{"$schema":"x","$id":"https://example.com/v1/goal.schema.json","title":"A goal"}"#
        );
        assert_eq!(identified(&schema, address(None, "goal")), schema);
        let catalogue = catalogue(base);
        let urls: Vec<&str> = catalogue
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|entry| entry["url"].as_str())
            .collect();
        assert_eq!(
            urls,
            [
                "https://example.com/v1/campaignctl.schema.json",
                "https://example.com/v1/manifest.schema.json"
            ]
        );
    }

    /// Until there is an address, nothing names one: editors would wait for it, and find nothing.
    #[test]
    fn without_an_address_nothing_names_one() {
        for file in all().iter().filter(|_| ADDRESS.is_none()) {
            assert!(!file.text.contains("/schemas/v1"), "{}", file.path);
            assert!(!file.text.contains("\"$id\""), "{}", file.path);
        }
    }
}
