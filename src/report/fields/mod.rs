//! Kinds, files and their fields as people read them, out of the same schemas that editors use.

mod example;
mod nodes;
mod page;
mod root;
mod wire;
mod words;

use std::fmt::Write as _;

use serde_json::Value;

use crate::check::schema::about;
use crate::diag::did_you_mean;
use crate::kinds::{KindId, Role, conditions_field};
use crate::report::prose::{WIDTH, hung, wrapped, wrapped_to};
use example::FieldExample;
use nodes::{Below, NodeLevel, SchemaNode, plain};
pub use page::{documents_page, fields_page};
use root::ENVELOPE;
pub use root::Root;
use wire::{OnTheWire, on_the_wire};
pub use words::{explain_word, words_of_fields};

/// The version of the program from which on there are fields: nothing was released before.
const SINCE: &str = "0.1.0";

/// The fields of which, in most places, no value is known: an example would be made up.
const UNKNOWN: [&str; 6] = [
    "extra",
    "inApp",
    "displaySettings",
    "externalTargets",
    "operationHours",
    "startState",
];

/// What is said of them instead.
const NO_EXAMPLE: &str = "None: no page of the vendor and no captured answer shows a value. \
                          `campaignctl export` writes the one that an account has.";

/// How deep fields lie inside each other, at most.
const DEEPEST: usize = 8;

/// What a kind or a file is for, and its fields with a line each.
#[must_use]
pub fn explain_root(root: Root) -> String {
    let (name, schema) = (root.name(), root.schema());
    let (top, way) = root.top(&schema, "");
    let text = match root {
        Root::Kind(kind) => about(kind),
        Root::Manifest | Root::Project => root.about(),
    };
    let mut out = format!("{name}\n\n{}\n", wrapped(&text, ""));
    if let Root::Kind(kind) = root
        && let Some(wire) = kind.def().collection
    {
        let _ = write!(out, "\nON THE WIRE  {} v{}\n", wire.path, wire.version);
    }
    let heading = if way.is_empty() {
        "FIELDS"
    } else {
        "FIELDS of spec"
    };
    let below = top.below().into_iter();
    let below = below.filter(|below| root != Root::Manifest || below.name != "spec");
    list_fields(heading, below, &mut out);
    let _ = write!(out, "\nEXAMPLE\n\n{}", indented(root.example()));
    let _ = writeln!(
        out,
        "\n`campaignctl explain {name}.FIELD` describes a field."
    );
    if let Root::Kind(_) = root {
        let around =
            "For the fields around `spec`, see `explain manifest` and `explain lifecycle`.";
        let _ = writeln!(out, "{around}");
    }
    out
}

/// A field that was found.
struct FoundField<'s> {
    root: Root,
    /// The path as it is told.
    path: String,
    node: SchemaNode<'s>,
    is_required: bool,
    /// The levels of the file down to it.
    way: Vec<NodeLevel<'s>>,
    wire: Option<OnTheWire>,
}

/// A field by its dotted path: below `spec` of a kind, or from the root of a manifest or of the project file.
///
/// # Errors
/// What is wrong with the path, with the nearest name.
pub fn explain_field(root: Root, path: &str) -> Result<String, String> {
    let schema = root.schema();
    Ok(found(root, &schema, path)?.told())
}

fn found<'s>(root: Root, schema: &'s Value, path: &str) -> Result<FoundField<'s>, String> {
    let path = match root {
        Root::Kind(_) => path.strip_prefix("spec.").unwrap_or(path),
        Root::Manifest | Root::Project => path,
    };
    let (mut node, mut way) = root.top(schema, path);
    let in_spec = !way.is_empty();
    let (mut is_required, mut taken) = (false, Vec::new());
    for step in path.split('.').map(|step| step.trim_end_matches("[]")) {
        if let Some(below) = node.step(step, &mut way) {
            (node, is_required) = (below.node, below.is_required);
            taken.push(below.name);
        } else if let Some(inner) = named_by_user(node, step) {
            way.push(NodeLevel::Name);
            (node, is_required) = (inner, false);
        } else {
            return Err(no_field(root, node, path, step));
        }
    }
    let told = taken.join(".");
    let wire = match root {
        Root::Kind(kind) if in_spec => on_the_wire(kind.def().fields, &told),
        _ => None,
    };
    Ok(FoundField {
        root,
        path: told,
        node,
        is_required,
        way,
        wire,
    })
}

/// What a mapping holds under a name of the user's own, unless the name looks like a field of it.
fn named_by_user<'s>(node: SchemaNode<'s>, name: &str) -> Option<SchemaNode<'s>> {
    let maps = node.branches().into_iter().find(|branch| branch.is_map());
    let inner = maps?.inner()?;
    let names: Vec<&str> = inner.below().into_iter().map(|below| below.name).collect();
    did_you_mean(name, names).is_none().then_some(inner)
}

fn no_field(root: Root, node: SchemaNode<'_>, path: &str, step: &str) -> String {
    let names: Vec<&str> = node.below().into_iter().map(|below| below.name).collect();
    let hint =
        did_you_mean(step, names.iter().copied()).unwrap_or_else(|| match names.as_slice() {
            [] => "there are no fields below".to_owned(),
            names => format!("the fields are {}", names.join(", ")),
        });
    format!("{} has no field `{path}`: {hint}", root.name())
}

impl FoundField<'_> {
    fn told(&self) -> String {
        let required = if self.is_required { "  required" } else { "" };
        let (root, path) = (self.root.name(), &self.path);
        let title = format!("{root}.{path}  <{}>{required}", self.node.type_name());
        let mut out = hung(&title, WIDTH, 4) + "\n";
        if self.node.get("deprecated") == Some(&Value::Bool(true)) {
            out.push_str("\nDEPRECATED\n");
        }
        let described = self.node.text("description");
        if !described.is_empty() {
            let _ = write!(out, "\n{}\n", wrapped(described, ""));
        }
        self.list_words(&mut out);
        out.push('\n');
        for (heading, text) in self.facts() {
            let fact = format!("{heading:<12} {text}");
            let _ = writeln!(out, "{}", hung(&fact, WIDTH, 13));
        }
        let below = self.node.below();
        if !below.is_empty() {
            list_fields("FIELDS", below.into_iter(), &mut out);
        }
        let example = if self.example().is_none() && UNKNOWN.contains(&self.last_step()) {
            wrapped_to(NO_EXAMPLE, WIDTH - 2).join("\n")
        } else {
            self.shown_example()
        };
        let _ = write!(out, "\nEXAMPLE\n\n{}", indented(&example));
        if self.has_made_up_number() {
            let kind = self.root.name();
            let note = format!(
                "The number and the data of the condition are made up. `campaignctl explain {kind}.conditions -e ENVIRONMENT` \
                 lists those of an account."
            );
            let _ = writeln!(out, "\n{}", wrapped(&note, ""));
        }
        out
    }

    fn list_words(&self, out: &mut String) {
        let words = self.node.words();
        if words.is_empty() {
            return;
        }
        out.push_str("\nVALUES\n");
        for (word, text) in words {
            let number = self.wire.as_ref().and_then(|wire| wire.number(&word));
            let number = number.map_or(String::new(), |number| format!(" ({number})"));
            let line = format!("  {word}{number}");
            let _ = writeln!(out, "{line}");
            if !text.is_empty() {
                let _ = writeln!(out, "{}", wrapped(text, "      "));
            }
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        let of_table = self.wire.as_ref().and_then(|wire| wire.default);
        let default = self.node.get("default").map(plain);
        if let Some(default) = default.or_else(|| of_table.map(str::to_owned)) {
            let default = if default.is_empty() {
                "\"\"".to_owned()
            } else {
                default
            };
            facts.push(("DEFAULT", default));
        }
        let limits = self.node.limits();
        if !limits.is_empty() {
            facts.push(("LIMITS", limits.join("; ")));
        }
        if let Some(wire) = &self.wire {
            let refers = wire.refers_to.and_then(KindId::named);
            facts.extend(refers.map(|kind| ("REFERS TO", kind.one())));
            facts.push(("ON THE WIRE", wire.name.clone()));
        }
        facts.push(("SINCE", SINCE.to_owned()));
        facts
    }

    /// Whether the example has a condition by a number that is not public.
    fn has_made_up_number(&self) -> bool {
        let Root::Kind(kind) = self.root else {
            return false;
        };
        let placed = self.example().map(|example| example.placed(&self.way));
        let conditions = conditions_field(kind.def()).and_then(|field| {
            placed
                .as_ref()?
                .pointer(&format!("/spec/{field}"))?
                .as_array()
        });
        conditions.is_some_and(|it| it.iter().any(|condition| condition["type"].is_number()))
    }

    /// The name of the field alone.
    fn last_step(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    fn example(&self) -> Option<FieldExample> {
        FieldExample::of(self.node, &self.way, &self.root.examples())
    }

    /// An example in a file, as YAML.
    fn shown_example(&self) -> String {
        let placed = self.example().map(|example| example.placed(&self.way));
        serde_yaml::to_string(&placed.unwrap_or_default()).unwrap_or_default()
    }
}

/// Every field of a kind or of a file, as `explain` takes it: `Campaign.schedule.start`.
#[must_use]
pub fn field_paths(root: Root) -> Vec<String> {
    let schema = root.schema();
    let (top, _) = root.top(&schema, "");
    let mut paths = Vec::new();
    collect(top, root.name(), DEEPEST, &mut paths);
    if let Root::Kind(_) = root {
        let node = SchemaNode::root(&schema);
        for name in ENVELOPE {
            if let Some(below) = node.step(name, &mut Vec::new()) {
                let path = format!("{}.{name}", root.name());
                collect(below.node, &path, DEEPEST, &mut paths);
                paths.push(path);
            }
        }
    }
    if root == Root::Manifest {
        paths.retain(|path| path != "manifest.spec");
    }
    paths
}

fn collect(node: SchemaNode<'_>, path: &str, left: usize, paths: &mut Vec<String>) {
    if left == 0 {
        return;
    }
    for Below { name, node, .. } in node.below() {
        let path = format!("{path}.{name}");
        collect(node, &path, left - 1, paths);
        paths.push(path);
    }
}

/// The table of kinds for the README, as Markdown.
#[must_use]
pub fn kinds_table() -> String {
    let mut out =
        String::from("| kind | what it is | on the wire | written by |\n|---|---|---|---|\n");
    for kind in KindId::manifests() {
        let def = kind.def();
        let wire = match &def.collection {
            Some(found) => format!("`{}` v{}", found.path, found.version),
            None if def.is_test => "nothing: read by `test` and `visit`".to_owned(),
            None if def.is_launch => "a send of the Proactive API, or of CleverTap".to_owned(),
            None => "nothing: expanded when planning".to_owned(),
        };
        let writer = match def.role {
            Role::Managed => "`apply`",
            Role::Observed => "a person on real accounts, `apply` on the sandbox",
            Role::Local if def.is_launch => "`launch send`, once",
            Role::Local | Role::Reference => "nothing",
        };
        let text = about(kind).replace('\n', " ");
        let first = text
            .split_once(". ")
            .map_or(text.as_str(), |(first, _)| first)
            .trim_end_matches('.');
        let _ = writeln!(out, "| `{kind}` | {first} | {wire} | {writer} |");
    }
    let references: Vec<_> = KindId::all()
        .filter(|kind| kind.def().role == Role::Reference)
        .map(|kind| format!("`{kind}`"))
        .collect();
    let _ = writeln!(
        out,
        "\nReferred to by their live name, never in a manifest: {}.",
        references.join(", ")
    );
    out
}

fn list_fields<'s>(heading: &str, fields: impl Iterator<Item = Below<'s>>, out: &mut String) {
    let _ = writeln!(out, "\n{heading}");
    for field in fields {
        let required = if field.is_required { " required" } else { "" };
        let title = format!("  {}  <{}>{required}", field.name, field.node.type_name());
        let _ = writeln!(out, "{}", hung(&title, WIDTH, 8));
        let text = field.node.text("description");
        if !text.is_empty() {
            let _ = writeln!(out, "{}", wrapped(text, "      "));
        }
    }
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(
            out,
            "{}",
            if line.is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        );
        out
    })
}

#[cfg(test)]
mod tests;
