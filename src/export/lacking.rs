//! What rows lack that a create needs: an account may hold a web engagement without a language, and refuses, as the
//! console does, to make one. The export of such a row is applied to its own account, and to no new one, so it says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ExportedDocument;
use crate::diag::Severity;
use crate::kinds::{Findings, KindId, RuleWorld};

/// Notes at each manifest of an export what keeps it from being created.
pub(super) fn note(files: &mut BTreeMap<String, Vec<ExportedDocument>>) {
    let mut lacks = Vec::new();
    let world = ExportedManifests(files.values().flatten().collect());
    for written in &world.0 {
        let mut findings = Findings::default();
        let def = written.kind.def();
        // What lies inside and is not exported is not missing.
        let inside = def.children.as_ref().map(|inside| inside.kind);
        if inside.is_some_and(|inside| !world.0.iter().any(|it| it.kind.name() == inside)) {
            lacks.push(Vec::new());
            continue;
        }
        let typed = (def.check)(&written.spec, written.name.as_str(), &world, &mut findings);
        let found = findings.0.into_iter();
        let found = found.filter(|it| it.code.severity == Severity::Error && typed.is_ok());
        let found = found.map(|it| {
            let (what, remedy) = (it.message, it.help.text);
            format!(
                "to create this on another account: {what}; {remedy} (`campaignctl explain {}`)",
                it.code.name
            )
        });
        lacks.push(found.collect::<Vec<_>>());
    }
    for (written, lacks) in files.values_mut().flatten().zip(lacks) {
        written.lacks.extend(lacks);
    }
}

/// The manifests of an export, as the rules look at them.
struct ExportedManifests<'a>(Vec<&'a ExportedDocument>);

impl RuleWorld for ExportedManifests<'_> {
    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let kind = KindId::known(kind);
        let mut all = self.0.iter();
        let found = all.find(|it| it.kind == kind && it.name.as_str() == name)?;
        Some(&found.spec)
    }

    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)> {
        let kind = KindId::known(kind);
        let around = kind.def().parent.as_ref();
        let is_inside = |it: &&&ExportedDocument| {
            it.kind == kind && around.is_some_and(|around| it.spec[around.field] == parent)
        };
        let inside = self.0.iter().filter(is_inside);
        inside.map(|it| (it.name.as_str(), &it.spec)).collect()
    }
}
