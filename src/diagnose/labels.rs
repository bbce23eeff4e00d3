//! The labels of launches, beside the list of the project file: no API lists them (platform.md#clevertap).

use crate::diag::{Code, Diagnostic, Diags, Severity, Texts, did_you_mean};
use crate::project::{PROJECT_FILE, Project};
use crate::resolve::{Desired, Resource};
use crate::text::Pointer;

/// Every code of this module.
pub const CODES: &[&Code] = &[&UNLISTED_LABEL];

/// A label that the project does not list.
const UNLISTED_LABEL: Code = Code {
    name: "launch-label",
    severity: Severity::Error,
    title: "a label of a launch is not in the list of the project file",
    why: "Labels of CleverTap are made in its dashboard, and no API lists them. What is misspelt would be sent without its label, \
          and be missing from every report by label. The list is `clevertap.labels` in `campaignctl.yaml`.",
    wrong: "# campaignctl.yaml: clevertap: { labels: [Autumn] }\nspec:\n  sender: { clevertap: { labels: [Autum], .. } }\n",
    right: "# campaignctl.yaml: clevertap: { labels: [Autumn] }\nspec:\n  sender: { clevertap: { labels: [Autumn], .. } }\n",
};

/// Complaints about labels that the project file does not list.
pub(super) fn unlisted(project: &Project, texts: &Texts, desired: &Desired) -> Diags {
    let listed = project.clevertap.as_ref();
    let listed: Vec<&str> = listed.map_or_else(Vec::new, |it| {
        it.labels.iter().map(String::as_str).collect()
    });
    let launches = desired.iter().filter(|it| it.key.kind.def().is_launch);
    launches
        .flat_map(|launch| of_launch(launch, texts, &listed))
        .collect()
}

fn of_launch(launch: &Resource, texts: &Texts, listed: &[&str]) -> Vec<Diagnostic> {
    let spec = (launch.key.kind.def().launch)(&launch.spec);
    let section = spec.and_then(|spec| spec.sender.clevertap);
    let labels = section.and_then(|section| section.labels);
    let at = Pointer::root().key("sender").key("clevertap").key("labels");
    let labels = labels.into_iter().flatten().enumerate();
    let unlisted = labels.filter(|(_, label)| !listed.contains(&label.as_str()));
    let told = unlisted.map(|(index, label)| {
        let near = did_you_mean(&label, listed.iter().copied());
        let help = near.unwrap_or_else(|| {
            format!("make it in CleverTap's dashboard, and add it to `clevertap.labels` in `{PROJECT_FILE}`")
        });
        let message = format!("`{PROJECT_FILE}` lists no label `{label}`");
        Diagnostic::new(&UNLISTED_LABEL, launch.locate(texts, &at.index(index)), message).help(help)
    });
    told.collect()
}
