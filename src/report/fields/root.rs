//! What has fields: the manifests of each kind, what all manifests share, and the project file.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::nodes::{NodeLevel, SchemaNode};
use crate::check::schema::{about, kind_schema, manifest_schema};
use crate::kinds::KindId;
use crate::project;
use crate::text::{Document, FileId, Limits, yaml};

/// More manifests, for fields that the example of a kind does not have.
static MORE: LazyLock<Vec<Value>> = LazyLock::new(|| documents(include_str!("examples.yaml")));

/// The fields of a manifest around its `spec`.
pub(super) const ENVELOPE: [&str; 4] = ["apiVersion", "kind", "metadata", "lifecycle"];

/// What has fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The manifests of a kind.
    Kind(KindId),
    /// Every manifest: what stands around `spec`.
    Manifest,
    /// The project file.
    Project,
}

impl Root {
    /// Everything that has fields.
    pub fn all() -> impl Iterator<Item = Self> {
        let files = [Self::Manifest, Self::Project];
        KindId::manifests().map(Self::Kind).chain(files)
    }

    /// The one of this name, in any case of letters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|root| root.name().eq_ignore_ascii_case(name))
    }

    /// What it is looked up by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Manifest => "manifest",
            Self::Project => "project",
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn about(self) -> String {
        let text = match self {
            Self::Kind(kind) => about(kind).replace('\n', " "),
            Self::Manifest => "What every manifest has around its `spec`".to_owned(),
            Self::Project => {
                "The project file `campaignctl.yaml`: environments, variables, rules".to_owned()
            }
        };
        let first = text
            .split_once(". ")
            .map_or(text.as_str(), |(first, _)| first);
        first.trim_end_matches('.').to_owned()
    }

    /// Its JSON Schema.
    pub(super) fn schema(self) -> Value {
        match self {
            Self::Kind(kind) => kind_schema(kind),
            Self::Manifest => manifest_schema(),
            Self::Project => project::schema(),
        }
    }

    /// An example of the whole.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.def().example,
            Self::Manifest => include_str!("manifest.yaml"),
            Self::Project => include_str!("project-short.yaml"),
        }
    }

    /// Whole examples that those of single fields are taken from.
    pub(super) fn examples(self) -> Vec<Value> {
        let mut all = documents(self.example());
        if self == Self::Project {
            all.extend(documents(ONE_ASSUMPTION));
            all.extend(documents(EVERY_SETTING));
        }
        if let Self::Kind(kind) = self {
            let is_own = |document: &&Value| document["kind"] == kind.name();
            all.extend(MORE.iter().filter(is_own).cloned());
            // What every manifest has around `spec` need not be said of each kind.
            let around = |document: &Value| {
                let fields = ["metadata", "lifecycle"];
                let fields = fields.map(|field| (field.to_owned(), document[field].clone()));
                Value::Object(Map::from_iter(fields))
            };
            all.extend(MORE.iter().map(around));
        }
        all
    }

    /// The node whose fields a path names, and the levels above it.
    pub(super) fn top<'s>(
        self,
        schema: &'s Value,
        path: &str,
    ) -> (SchemaNode<'s>, Vec<NodeLevel<'s>>) {
        let root = SchemaNode::root(schema);
        let first = path.split('.').next().unwrap_or_default();
        if !matches!(self, Self::Kind(_)) || ENVELOPE.contains(&first) {
            return (root, Vec::new());
        }
        let mut way = Vec::new();
        let spec = root.step("spec", &mut way).map_or(root, |spec| spec.node);
        (spec, way)
    }
}

/// A project file that assumes one thing, as most do: the next one has all that can be assumed.
pub(super) const ONE_ASSUMPTION: &str = "assume: { contest: lottery }\n";

/// A project file with every setting, for the fields that the short one does not have.
pub(super) const EVERY_SETTING: &str = include_str!("project.yaml");

/// The documents of a text of ours.
fn documents(text: &str) -> Vec<Value> {
    let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
    documents.into_iter().map(Document::into_value).collect()
}
