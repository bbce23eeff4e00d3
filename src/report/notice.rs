//! What webhooks are told: one notice, in the words of each receiver. Bounded, whatever the size of a plan.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::drift::Drift;
use super::outcome::counts_line;
use crate::apply::{Outcome, StepResult};
use crate::check::schema::schema_of;
use crate::plan::{Action, Plan};
use crate::project::{Occasion, Receiver};
use crate::text::safe::{slack as escaped, teams as plain};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.notice/v1";

/// How many objects are named.
const OBJECTS_MAX: usize = 20;

/// The longest text of an error, and of a name. Slack takes 3,000 characters a block.
const LONGEST: usize = 600;
const LONGEST_NAME: usize = 80;

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The format of the document.
    pub format: &'static str,
    /// What it is about.
    pub event: Occasion,
    /// The exit code of the run.
    pub exit: u8,
    /// What happened, in one line.
    pub title: String,
    /// The environment.
    pub environment: String,
    /// The account, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The plan, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The counts, or why the run failed.
    pub summary: String,
    /// The objects that it is about: those that failed, then deletes, then the others in the order of the plan.
    pub objects: Vec<NoticedObject>,
    /// How many more there are.
    pub omitted: usize,
    /// The page of the run in its pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// An object that a notice names.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoticedObject {
    /// What the plan did to it, or what happened to it.
    pub action: String,
    /// Kind and name.
    pub object: String,
    /// What people see in the console.
    pub display_name: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Notice {
    /// Something that happened to an environment, of which nothing more is known yet.
    #[must_use]
    pub fn new(event: Occasion, environment: &str, summary: &str) -> Self {
        Self {
            format: FORMAT,
            event,
            exit: 0,
            title: String::new(),
            environment: environment.to_owned(),
            account: None,
            plan: None,
            summary: cut(summary, LONGEST),
            objects: Vec::new(),
            omitted: 0,
            link: None,
        }
    }

    /// What became of a plan.
    #[must_use]
    pub fn of_outcome(plan: &Plan, outcome: &Outcome, event: Occasion) -> Self {
        let mut objects: Vec<NoticedObject> = Vec::new();
        for step in &outcome.steps {
            if let StepResult::Failed { message, .. } = &step.result {
                let mut changes = plan.changes.iter();
                let change = changes.find(|change| change.key() == step.key);
                objects.push(NoticedObject {
                    action: word(&step.verb),
                    object: step.key.to_string(),
                    display_name: change.map_or("", |change| &change.display_name).to_owned(),
                    problem: Some(cut(message, LONGEST_NAME * 2)),
                });
            }
        }
        let changes = plan.changes.iter();
        let quiet = |action| matches!(action, Action::None | Action::Adopt | Action::Forget);
        let mut changes: Vec<_> = changes
            .filter(|it| !it.record && !quiet(it.action))
            .collect();
        changes.sort_by_key(|change| change.action != Action::Delete);
        let failed: BTreeSet<_> = objects.iter().map(|it| it.object.clone()).collect();
        changes.retain(|change| !failed.contains(&change.key().to_string()));
        objects.extend(changes.into_iter().map(|change| NoticedObject {
            action: word(&change.action),
            object: change.key().to_string(),
            display_name: change.display_name.clone(),
            problem: None,
        }));
        let summary = if outcome.steps.is_empty() {
            let refusals = plan.refusals.iter().map(|refusal| refusal.message.as_str());
            refusals.collect::<Vec<_>>().join("; ")
        } else {
            counts_line(plan, outcome)
        };
        Self {
            account: Some(plan.account.clone()),
            plan: Some(plan.id.clone()),
            ..Self::new(event, &plan.environment, summary.trim_end()).with(objects)
        }
    }

    /// What changed on an account.
    #[must_use]
    pub fn of_drift(drift: &Drift) -> Self {
        let mut objects: Vec<_> = drift.objects.iter().collect();
        objects.sort_by_key(|object| !object.gone);
        let objects = objects.into_iter().map(|object| {
            let fields = object.fields.iter();
            let fields: Vec<_> = fields
                .map(|field| field.pointer.as_str().trim_start_matches("/spec/"))
                .collect();
            NoticedObject {
                action: if object.gone { "gone" } else { "changed" }.to_owned(),
                object: object.key.to_string(),
                display_name: object.display_name.clone(),
                problem: (!fields.is_empty()).then(|| cut(&fields.join(", "), LONGEST_NAME * 2)),
            }
        });
        let summary = match drift.objects.len() {
            1 => "1 object is not as it was last applied.".to_owned(),
            count => format!("{count} objects are not as they were last applied."),
        };
        Self {
            account: Some(drift.account.clone()),
            ..Self::new(Occasion::Drift, &drift.environment, &summary).with(objects.collect())
        }
    }

    fn with(mut self, mut objects: Vec<NoticedObject>) -> Self {
        self.omitted = objects.len().saturating_sub(OBJECTS_MAX);
        objects.truncate(OBJECTS_MAX);
        for object in &mut objects {
            object.display_name = cut(&object.display_name, LONGEST_NAME);
        }
        self.objects = objects;
        self
    }

    /// The notice as it is sent: with the exit code of the run, and its page.
    #[must_use]
    pub fn ended(mut self, exit: u8, link: Option<String>) -> Self {
        let what = match self.event {
            Occasion::Apply => "applied",
            Occasion::Drift => "has drifted",
            Occasion::Failure if self.plan.is_some() => "was not wholly applied",
            Occasion::Failure => "failed",
        };
        let account = self.account.as_ref();
        let account = account.map_or_else(String::new, |account| format!(" (account {account})"));
        self.title = format!("campaignctl: {}{account} {what}", self.environment);
        Self { exit, link, ..self }
    }

    /// The body of the request to a receiver.
    #[must_use]
    pub fn payload(&self, receiver: Receiver) -> Value {
        match receiver {
            Receiver::Slack => self.slack(),
            Receiver::Teams => self.teams(),
            Receiver::Json => serde_json::to_value(self).unwrap_or_default(),
        }
    }

    /// A message of blocks, with the title as the text of the notification.
    fn slack(&self) -> Value {
        let mut text = format!("*{}*\n{}", escaped(&self.title), escaped(&self.summary));
        if let Some(link) = &self.link {
            let _ = write!(text, "\n<{link}|Open the run>");
        }
        let mut blocks = vec![section(&text)];
        // A block takes 3,000 characters.
        for lines in self.lines().chunks(5) {
            blocks.push(section(&escaped(&lines.join("\n"))));
        }
        blocks.extend(self.plan.as_ref().map(|plan| {
            let text = format!("plan {}, exit {}", escaped(plan), self.exit);
            json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text }] })
        }));
        json!({ "text": escaped(&self.title), "blocks": blocks })
    }

    /// A message with an adaptive card, as workflows take it.
    fn teams(&self) -> Value {
        let block = |text: &str| json!({ "type": "TextBlock", "text": text, "wrap": true });
        let mut title = block(&plain(&self.title));
        title["weight"] = "Bolder".into();
        let mut body = vec![title, block(&plain(&self.summary))];
        body.extend(self.lines().iter().map(|line| block(&plain(line))));
        if let Some(plan) = &self.plan {
            body.push(block(&format!("plan {plan}, exit {}", self.exit)));
        }
        let links = self.link.iter();
        let actions: Vec<_> = links
            .map(|link| json!({ "type": "Action.OpenUrl", "title": "Open the run", "url": link }))
            .collect();
        let card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": body,
            "actions": actions,
        });
        json!({ "type": "message", "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": card,
        }] })
    }

    /// One line an object, and one for those left out.
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.objects.iter().map(line).collect();
        if self.omitted > 0 {
            lines.push(format!("and {} more", self.omitted));
        }
        lines
    }
}

/// The JSON Schema of the JSON form.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Notice>("What a webhook receives");
    schema["properties"]["format"] =
        json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

fn line(object: &NoticedObject) -> String {
    let NoticedObject {
        action,
        object,
        display_name,
        problem,
    } = object;
    let problem = problem.as_ref();
    let problem = problem.map_or_else(String::new, |problem| format!(": {problem}"));
    format!("{action} {object} \"{display_name}\"{problem}")
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

/// A word as documents have it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}
