//! What has fields: the manifests of each kind, what all manifests share, and the project file.

use serde_json::Value;

use super::nodes::{Level, Node};
use crate::check::schema::{about, kind_schema, manifest_schema};
use crate::kinds::KindId;
use crate::project;

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
            Self::Project => include_str!("project.yaml"),
        }
    }

    /// The node whose fields a path names, and the levels above it.
    pub(super) fn top<'s>(self, schema: &'s Value, path: &str) -> (Node<'s>, Vec<Level<'s>>) {
        let root = Node::root(schema);
        let first = path.split('.').next().unwrap_or_default();
        if !matches!(self, Self::Kind(_)) || ENVELOPE.contains(&first) {
            return (root, Vec::new());
        }
        let mut way = Vec::new();
        let spec = root.step("spec", &mut way).map_or(root, |spec| spec.node);
        (spec, way)
    }
}
