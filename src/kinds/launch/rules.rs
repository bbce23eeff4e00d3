//! The rules of Launch: what can be said of a launch from the manifests alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::{Code, Severity, did_you_mean};
use crate::kinds::shared::Reference;
use crate::kinds::{Findings, RuleWorld};
use crate::text::Pointer;

use super::window::time;
use super::{ClevertapMode, Launch, Proactive, Recipients, clevertap};

/// The most characters that the value of a variable may have (platform.md#proactive-sends).
pub const VALUE_MAX: usize = 1550;

/// The most recipients that an account takes in a day for each channel (platform.md#proactive-sends).
const RECIPIENTS_MAX: i64 = 100_000;

/// The most recipients that a request may have (platform.md#proactive-sends).
const BATCH_MAX: i64 = 100;

/// The endings of files of recipients.
const ENDINGS: [&str; 2] = [".csv", ".jsonl"];

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &SENDER,
    &CONSENT,
    &LIMIT,
    &FILE,
    &WINDOW,
    &BATCH_SIZE,
    &CHANNEL,
    &VARIABLES,
    &clevertap::MEDIUM,
    &clevertap::AUDIENCE,
    &clevertap::CONTENT,
];

const SENDER: Code = Code {
    name: "launch-sender",
    severity: Severity::Error,
    title: "a launch names no service that sends it, or two",
    why: "Each service needs other things, so `sender` has the section of one service and nothing else.",
    wrong: "spec:\n  sender: {}\n  maxRecipients: 10\n",
    right: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n  maxRecipients: 10\n",
};

const CONSENT: Code = Code {
    name: "launch-consent",
    severity: Severity::Error,
    title: "a launch does not say that its recipients agreed",
    why: "The platform refuses a send without consent, and the law of most countries forbids it. No program can know who \
          agreed: a person writes it down.",
    wrong: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n  maxRecipients: 10\n",
    right: SENDER.right,
};

const LIMIT: Code = Code {
    name: "launch-limit",
    severity: Severity::Warning,
    title: "a launch has no limit of recipients, or one that limits nothing",
    why: "A file with the wrong list has far more rows than intended, or the rows of every customer. `launch send` refuses a \
          launch without `maxRecipients`, and one whose file has more rows than that.",
    wrong: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n",
    right: SENDER.right,
};

const FILE: Code = Code {
    name: "launch-recipients-form",
    severity: Severity::Error,
    title: "the file of recipients has an unsupported extension",
    why: "Files are read as CSV or as JSON lines, and the ending says which. Of any other form the columns would be a guess.",
    wrong: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.xlsx, consumer: id }\n      consent: true\n  maxRecipients: 10\n",
    right: SENDER.right,
};

const WINDOW: Code = Code {
    name: "launch-window",
    severity: Severity::Error,
    title: "a window of a launch has no such time, or ends before it starts",
    why: "Times have two digits for the hour and two for the minute, and a window lies within one day. Inside no window, no \
          message goes out.",
    wrong: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n      windows: [{ day: tuesday, from: \"18:00\", to: \"10:00\" }]\n  maxRecipients: 10\n",
    right: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n      windows: [{ day: tuesday, from: \"10:00\", to: \"18:00\" }]\n  maxRecipients: 10\n",
};

const BATCH_SIZE: Code = Code {
    name: "launch-batch-size",
    severity: Severity::Error,
    title: "a request of a launch would have no recipients, or too many",
    why: "The platform takes 100 recipients in a request. Smaller batches leave fewer recipients unknown when an answer is lost, and \
          take more requests.",
    wrong: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n      batchSize: 1000\n  maxRecipients: 10\n",
    right: "spec:\n  sender:\n    proactive:\n      handoff: { live: Orders }\n      skill: Orders\n      recipients: { file: recipients.csv, consumer: id }\n      consent: true\n      batchSize: 50\n  maxRecipients: 10\n",
};

const CHANNEL: Code = Code {
    name: "launch-channel",
    severity: Severity::Error,
    title: "a launch uses a handoff of another channel than In-App",
    why: "Launches are sent to consumers of an app. Recipients of SMS and WhatsApp are telephone numbers, and such a send also \
          needs the number that it comes from.",
    wrong: "# channel of the ApiHandoff `orders`: sms\nspec:\n  sender: { proactive: { handoff: orders, .. } }\n",
    right: "# channel of the ApiHandoff `orders`: inApp\nspec:\n  sender: { proactive: { handoff: orders, .. } }\n",
};

const VARIABLES: Code = Code {
    name: "launch-variables",
    severity: Severity::Error,
    title: "the variables of a launch are not those of its handoff",
    why: "The platform refuses every recipient with a variable too few or too many.",
    wrong: "# the ApiHandoff `orders`: variables: [\"1\"]\nspec:\n  sender: { proactive: { handoff: orders, recipients: { variables: {}, .. }, .. } }\n",
    right: "# the ApiHandoff `orders`: variables: [\"1\"]\nspec:\n  sender: { proactive: { handoff: orders, recipients: { variables: { \"1\": firstName }, .. }, .. } }\n",
};

/// The place of the section.
fn section() -> Pointer {
    Pointer::root().key("sender").key("proactive")
}

/// All rules.
pub(super) fn check(spec: &Launch, world: &dyn RuleWorld, out: &mut Findings) {
    let sender = &spec.sender;
    match (&sender.proactive, &sender.clevertap) {
        (None, None) => out.push(
            &SENDER,
            Pointer::root().key("sender"),
            "the launch names no service that sends it",
            "add the section `proactive` or `clevertap`",
        ),
        (Some(_), Some(_)) => out.push(
            &SENDER,
            Pointer::root().key("sender"),
            "the launch names two services that send it",
            "keep one of the sections `proactive` and `clevertap`: two sends are two launches",
        ),
        (Some(proactive), None) => {
            limit(spec, RECIPIENTS_MAX, out);
            of_proactive(proactive, world, out);
        }
        (None, Some(section)) => {
            if section.mode() == ClevertapMode::Send || spec.max_recipients.is_some() {
                limit(spec, i64::from(u32::MAX), out);
            }
            clevertap::check(section, out);
        }
    }
}

fn of_proactive(proactive: &Proactive, world: &dyn RuleWorld, out: &mut Findings) {
    consent(proactive, out);
    file(&proactive.recipients, out);
    windows(proactive, out);
    batch_size(proactive, out);
    if let Reference::Name(name) = &proactive.handoff
        && let Some(handoff) = world.spec("ApiHandoff", name)
    {
        against_handoff(proactive, name, handoff, out);
    }
}

fn limit(spec: &Launch, top: i64, out: &mut Findings) {
    let help = "set `maxRecipients` to the most recipients that you expect";
    match spec.max_recipients {
        None => {
            let message = "the launch has no `maxRecipients`, so it cannot be sent";
            out.push(&LIMIT, Pointer::root(), message, help);
        }
        Some(most) if !(1..=top).contains(&most) => {
            let message = format!("a launch has 1 to {top} recipients");
            out.push(&LIMIT, Pointer::root().key("maxRecipients"), message, help);
        }
        Some(_) => {}
    }
}

fn consent(proactive: &Proactive, out: &mut Findings) {
    if proactive.consent == Some(true) {
        return;
    }
    let at = match proactive.consent {
        Some(_) => section().key("consent"),
        None => section(),
    };
    out.push(
        &CONSENT,
        at,
        "nothing says that the recipients agreed to receive this",
        "write `consent: true` if every recipient agreed",
    );
}

fn file(recipients: &Recipients, out: &mut Findings) {
    let name = recipients.file.to_lowercase();
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        out.push(
            &FILE,
            section().key("recipients").key("file"),
            format!(
                "`{}` is neither a `.csv` nor a `.jsonl` file",
                recipients.file
            ),
            "export the list as CSV, or as JSON lines",
        );
    }
}

fn windows(proactive: &Proactive, out: &mut Findings) {
    let at = section().key("windows");
    for (index, window) in proactive.windows.iter().flatten().enumerate() {
        let at = at.index(index);
        let times = [("from", &window.from), ("to", &window.to)];
        let wrong = times.iter().find(|(_, text)| time(text).is_none());
        if let Some((key, text)) = wrong {
            out.push(
                &WINDOW,
                at.key(key),
                format!("`{text}` is not a time of day"),
                "write it as `09:30`",
            );
        } else if time(&window.from) >= time(&window.to) {
            out.push(
                &WINDOW,
                at.key("to"),
                "the window ends before it starts",
                "a window that passes midnight is two windows, one for each day",
            );
        }
    }
}

fn batch_size(proactive: &Proactive, out: &mut Findings) {
    if let Some(size) = proactive.batch_size
        && !(1..=BATCH_MAX).contains(&size)
    {
        out.push(
            &BATCH_SIZE,
            section().key("batchSize"),
            format!("a request has 1 to {BATCH_MAX} recipients, and this says {size}"),
            format!("write a number from 1 to {BATCH_MAX}, or remove it for {BATCH_MAX}"),
        );
    }
}

/// What the handoff has to say about the launch.
fn against_handoff(proactive: &Proactive, name: &str, handoff: &Value, out: &mut Findings) {
    let at = || section().key("handoff");
    if !is_in_app(handoff) {
        out.push(
            &CHANNEL,
            at(),
            format!("the handoff `{name}` is not of the channel `inApp`"),
            "use a handoff with `channel: inApp`",
        );
        return;
    }
    variables(&proactive.recipients, name, handoff, out);
}

/// Whether a handoff is sent inside apps alone.
pub fn is_in_app(handoff: &Value) -> bool {
    handoff["channel"] == "inApp"
}

/// How the variables of a launch differ from those of its handoff.
#[derive(Debug, PartialEq, Eq)]
pub struct Differing<'a> {
    /// Those of the handoff that the launch gives no value.
    pub missing: Vec<&'a str>,
    /// Those of the launch that the handoff does not have.
    pub surplus: Vec<&'a str>,
}

impl Recipients {
    /// Compares the variables with those of a handoff, which is in the terms of manifests.
    #[must_use]
    pub fn differing<'a>(&'a self, handoff: &'a Value) -> Differing<'a> {
        let wanted = variables_of(handoff);
        let given = self.variables.iter().flatten();
        let given: BTreeSet<&str> = given.map(|(variable, _)| variable.as_str()).collect();
        Differing {
            missing: wanted.difference(&given).copied().collect(),
            surplus: given.difference(&wanted).copied().collect(),
        }
    }
}

/// The names of the variables of a handoff.
fn variables_of(handoff: &Value) -> BTreeSet<&str> {
    ["message", "image"]
        .iter()
        .filter_map(|part| handoff[*part]["variables"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn variables(recipients: &Recipients, name: &str, handoff: &Value, out: &mut Findings) {
    let Differing { missing, surplus } = recipients.differing(handoff);
    let at = section().key("recipients");
    for variable in missing {
        let at = match recipients.variables {
            Some(_) => at.key("variables"),
            None => at.clone(),
        };
        out.push(
            &VARIABLES,
            at,
            format!("the handoff `{name}` has the variable `{variable}`, which gets no value"),
            format!("add `\"{variable}\": <column>` to `variables`"),
        );
    }
    for variable in surplus {
        let near = did_you_mean(variable, variables_of(handoff));
        out.push(
            &VARIABLES,
            at.key("variables").key(variable),
            format!("the handoff `{name}` has no variable `{variable}`"),
            near.unwrap_or_else(|| "remove it".to_owned()),
        );
    }
}
