//! What stands around the changes: facts, counts, guards, the order of the writes, and the data of the graph.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::change::{SECTIONS, word};
use crate::manifest::Key;
use crate::plan::{Action, Overrides, Plan, Refusal, Verb};
use crate::report::graph::Graph;
use crate::report::plan::{left_alone_lines, left_out_lines, partial_line};
use crate::text::safe::{html as escaped, html_json as embedded};

/// How many reasons of one guard are shown without being asked for.
const FEW: usize = 6;

/// Which account, when and by what.
pub(super) fn facts(plan: &Plan, out: &mut String) {
    let at = plan.created_at.split('.').next().unwrap_or_default();
    let at = at.trim_end_matches('Z').replace('T', " ");
    let ledger = plan.ledger.as_ref().map_or_else(
        || "no ledger yet".to_owned(),
        |ledger| format!("ledger at {}", ledger.serial),
    );
    let project = plan.project_shown();
    let project = project.map(|it| format!("project <bdi>{}</bdi>", escaped(&it)));
    let facts = [
        Some(format!("account <b>{}</b>", escaped(&plan.account))),
        Some(format!("made {} UTC", escaped(&at))),
        project,
        Some(ledger),
        Some(format!("campaignctl {}", escaped(&plan.tool_version))),
    ];
    out.push_str("<ul class=\"facts\">");
    for fact in facts.into_iter().flatten() {
        let _ = write!(out, "<li>{fact}</li>");
    }
    out.push_str("</ul>\n");
}

/// How many changes there are of each action: links to their places, which the script makes filters of.
pub(super) fn counts(plan: &Plan, out: &mut String) {
    out.push_str("<ul class=\"counts\" aria-label=\"Changes by action\">");
    for (action, title) in SECTIONS {
        let count = plan.changes.iter().filter(|it| it.action == action).count();
        if count > 0 {
            let word = word(action);
            let _ = write!(
                out,
                "<li><a class=\"{word}\" href=\"#{word}\" data-action=\"{word}\"><b>{count}</b> {title}</a></li>"
            );
        }
    }
    out.push_str("</ul>\n");
}

/// The guards that hold the plan back or would, and what it leaves out.
pub(super) fn notices(plan: &Plan, overrides: Overrides, out: &mut String) {
    let of_a_rule = |a: &Refusal, b: &Refusal| a.rule == b.rule && a.help == b.help;
    for refusals in plan.refusals.chunk_by(of_a_rule) {
        refused(plan, refusals, overrides, out);
    }
    if let Some(narrowed) = plan.partial() {
        let _ = write!(
            out,
            "<section class=\"notice partial\"><h2>{}</h2>",
            escaped(&partial_line("plan", narrowed))
        );
        for line in left_out_lines(narrowed) {
            let _ = write!(out, "<p>{}</p>", escaped(&line));
        }
        out.push_str("</section>\n");
    }
    if let [title, named @ ..] = left_alone_lines(&plan.left_alone, str::to_owned).as_slice() {
        let _ = write!(
            out,
            "<section class=\"notice partial\"><h2>{}</h2>",
            escaped(title)
        );
        for line in named {
            let _ = write!(out, "<p>{}</p>", escaped(line));
        }
        out.push_str("</section>\n");
    }
}

/// What one guard has to say: many of the same fold up.
fn refused(plan: &Plan, refusals: &[Refusal], overrides: Overrides, out: &mut String) {
    let [first, ..] = refusals else { return };
    let allowed = first.flag.as_ref();
    let allowed = allowed.filter(|_| first.is_overridden(overrides));
    let (class, title) = match allowed {
        Some(_) => ("allowed", "Allowed although"),
        None => ("blocked", "Blocked by"),
    };
    let then = match allowed {
        Some(flag) => format!("<code>{}</code> is given", escaped(flag)),
        None => prose(&first.help),
    };
    let _ = write!(
        out,
        "<section class=\"notice {class}\"><h2>{title} <code>{}</code></h2>",
        escaped(&first.rule)
    );
    let folds = refusals.len() > FEW;
    if folds {
        let _ = write!(
            out,
            "<details><summary>{} reasons</summary>",
            refusals.len()
        );
    }
    for refusal in refusals {
        let _ = write!(out, "<p>{}</p>", prose(&refusal.message));
        if refusal.objects.len() > 1 {
            let _ = write!(
                out,
                "<details><summary>{} objects</summary><ul>",
                refusal.objects.len()
            );
            for key in &refusal.objects {
                let _ = write!(out, "<li>{}</li>", link(plan, key));
            }
            out.push_str("</ul></details>");
        }
    }
    if folds {
        out.push_str("</details>");
    }
    let _ = writeln!(out, "<p class=\"help\">{then}</p></section>");
}

/// A sentence in which backticks mark code.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in escaped(text).split('`').enumerate() {
        let _ = match index % 2 {
            0 => write!(out, "{part}"),
            _ => write!(out, "<code>{part}</code>"),
        };
    }
    out
}

/// An object's name, as a link to its change where there is one.
pub(super) fn link(plan: &Plan, key: &Key) -> String {
    let name = escaped(&key.to_string());
    match plan.changes.iter().position(|change| change.key() == *key) {
        Some(index) => format!("<a href=\"#c{index}\">{name}</a>"),
        None => name,
    }
}

/// The place of the graph. The script draws it from the data; without one, the changes tell what refers to what.
pub(super) fn graph(plan: &Plan, out: &mut String) {
    let graph = Graph::of_plan(plan);
    let changes: BTreeMap<String, usize> = (plan.changes.iter().enumerate())
        .map(|(index, change)| (change.key().to_string(), index))
        .collect();
    let numbers: BTreeMap<&str, usize> = (graph.nodes.iter().enumerate())
        .map(|(number, node)| (node.id.as_str(), number))
        .collect();
    let nodes = graph.nodes.iter().map(|node| {
        json!([
            node.id,
            node.kind.name(),
            node.name,
            node.display_name,
            node.action.map(word),
            u8::from(node.live),
            changes.get(&node.id),
        ])
    });
    let edges = graph.edges.iter().map(|edge| {
        json!([
            numbers[edge.from.as_str()],
            numbers[edge.to.as_str()],
            u8::from(edge.inside)
        ])
    });
    let data = json!({ "nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>() });
    let _ = writeln!(
        out,
        "<section id=\"graph\" class=\"view\" aria-label=\"Graph\"><noscript><p>The picture needs JavaScript. Each change lists what it refers to and what refers to it.</p></noscript>\n<script type=\"application/json\" id=\"data\">{}</script></section>",
        embedded(&data)
    );
}

/// Every write in its order.
pub(super) fn steps(plan: &Plan, out: &mut String) {
    out.push_str("<section id=\"steps\" class=\"view\" aria-label=\"Order of writes\">\n<p class=\"lead\">Steps that do not depend on each other run in parallel. Publishing comes last.</p>\n<ol class=\"steps\">\n");
    for step in &plan.steps {
        let (class, verb) = verb(step.verb);
        let waits = match step.after.len() {
            0 => String::new(),
            1 => format!("<span class=\"after\">after {}</span>", step.after[0] + 1),
            count => format!(
                "<span class=\"after\">after {} and {} more</span>",
                step.after[count - 1] + 1,
                count - 1
            ),
        };
        let _ = writeln!(
            out,
            "<li><span class=\"verb {class}\">{verb}</span> <a href=\"#c{}\">{}</a>{waits}",
            step.change,
            escaped(&step.key.to_string())
        );
    }
    out.push_str("</ol></section>\n");
}

/// The colour and the word of a step.
fn verb(verb: Verb) -> (&'static str, &'static str) {
    let (action, said) = match verb {
        Verb::Unpublish => (Action::Delete, "unpublish"),
        Verb::Create => (Action::Create, "create"),
        Verb::Update => (Action::Update, "update"),
        Verb::Publish => (Action::Create, "publish"),
        Verb::Delete => (Action::Delete, "delete"),
        Verb::Adopt => (Action::Adopt, "adopt"),
        Verb::Forget => (Action::Forget, "forget"),
        Verb::Record => (Action::None, "record"),
        Verb::Rename => (Action::Update, "rename"),
        Verb::Manual => (Action::Manual, "by hand"),
    };
    (word(action), said)
}
