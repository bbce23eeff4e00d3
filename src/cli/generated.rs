//! Everything that is generated out of the code: schemas, the page of diagnostics, the command reference,
//! and the generated parts of the README.

use serde_json::{Value, json};

use super::{codes, project_schema, sandbox_page};
use crate::check::published;
use crate::check::schema::{SCHEMA_BASE, file_stem};
use crate::kinds::KindId;
use crate::report::explain::codes_page;
use crate::report::fields::{documents_page, fields_page};
use crate::report::topics::topics_page;
use crate::report::{drift, failure, graph, manifests, outcome};

/// One generated file.
#[derive(Debug)]
pub(super) struct Generated {
    /// Its path below the folder of the schemas.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
}

impl Generated {
    /// Changes the schema in the file; `false` when there is none.
    pub(super) fn rewrite_schema(&mut self, change: impl FnOnce(Value) -> Value) -> bool {
        if !self.path.ends_with(".schema.json") {
            return false;
        }
        let schema = serde_json::from_str(&self.text).expect("a schema was written as JSON");
        self.text = text_of(&change(schema));
        true
    }
}

/// Every generated file.
pub(super) fn all() -> Vec<Generated> {
    let mut files = vec![
        schema_file("manifest", &published::manifest()),
        schema_file("overlay", &published::overlay()),
        schema_file("campaignctl", &project_schema::schema()),
        schema_file("plan", &crate::plan::schema()),
        schema_file("outcome", &outcome::schema()),
        schema_file("drift", &drift::schema()),
        schema_file("pull", &crate::pull::schema()),
        schema_file("error", &failure::schema()),
        schema_file("audit", &crate::audit::schema()),
        schema_file("status", &crate::report::status::schema()),
        schema_file("uses", &crate::users::schema()),
        schema_file("test", &crate::report::scenarios::schema()),
        schema_file("visit", &crate::report::scenarios::visit_schema()),
        schema_file("notice", &crate::report::notice::schema()),
        schema_file("graph", &graph::schema()),
        schema_file("plans", &crate::plan::plans_schema()),
        schema_file("manifests", &manifests::schema()),
    ];
    files.extend(
        KindId::manifests().map(|kind| schema_file(&file_stem(kind), &published::kind(kind))),
    );
    files.push(Generated {
        path: "schemastore.json".to_owned(),
        text: text_of(&catalogue()),
    });
    files.push(Generated {
        path: "diagnostics.md".to_owned(),
        text: codes_page(&codes::all()),
    });
    files.push(Generated {
        path: "topics.md".to_owned(),
        text: topics_page(),
    });
    files.push(Generated {
        path: "commands.md".to_owned(),
        text: commands_page(),
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
fn documents() -> [(&'static str, Value); 12] {
    [
        ("plan", crate::plan::schema()),
        ("outcome", outcome::schema()),
        ("drift", drift::schema()),
        ("pull", crate::pull::schema()),
        ("error", failure::schema()),
        ("audit", crate::audit::schema()),
        ("uses", crate::users::schema()),
        ("test", crate::report::scenarios::schema()),
        ("visit", crate::report::scenarios::visit_schema()),
        ("notice", crate::report::notice::schema()),
        ("graph", graph::schema()),
        ("manifests", manifests::schema()),
    ]
}

fn schema_file(stem: &str, schema: &Value) -> Generated {
    Generated {
        path: format!("{stem}.schema.json"),
        text: text_of(schema),
    }
}

fn text_of(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The entries for the catalogue of `SchemaStore`, from which editors take schemas by file name. A manifest has
/// no file name of its own: those who want it recognized without a modeline end it with `.campaignctl.yaml`.
fn catalogue() -> Value {
    let entry = |name: &str, description: &str, files: [&str; 2], stem: &str| {
        json!({
            "name": name,
            "description": description,
            "fileMatch": files,
            "url": format!("{SCHEMA_BASE}/{stem}.schema.json"),
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

fn commands_page() -> String {
    let shared = (
        "campaignctl help options".to_owned(),
        super::help::options_text(),
    );
    let texts = super::help_texts().into_iter().chain([shared]);
    let texts = texts.map(|(path, help)| {
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        format!(
            "## `{path}`\n\n```text\n{}\n```\n",
            help.join("\n").trim_end()
        )
    });
    format!(
        "# Commands\n\nGenerated by `campaignctl schema --write schemas`.\n\n{}",
        texts.collect::<Vec<_>>().join("\n")
    )
}

fn kinds_page() -> String {
    format!(
        "# Kinds\n\nGenerated by `campaignctl schema --write schemas`.\n\n{}",
        crate::report::fields::kinds_table()
    )
}
