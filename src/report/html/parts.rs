//! What stands around the changes: facts, counts, guards, the order of the writes, and the data of the graph.

use std::collections::BTreeMap;

use serde_json::json;

use super::change::{SECTIONS, word};
use super::markup::Html;
use crate::manifest::Key;
use crate::plan::{Action, Guard, Overrides, Plan, Refusal, StepVerb};
use crate::report::graph::Graph;
use crate::report::plan::{left_alone_lines, left_out_lines, partial_line};

/// How many reasons of one guard are shown without being asked for.
const FEW: usize = 6;

/// Which account, when and by what.
pub(super) fn facts(plan: &Plan, out: &mut Html) {
    let at = plan.created_at.split('.').next().unwrap_or_default();
    let at = at.trim_end_matches('Z').replace('T', " ");
    let ledger = plan.ledger.as_ref().map_or_else(
        || "no ledger yet".to_owned(),
        |ledger| format!("ledger at {}", ledger.serial),
    );
    let project = plan.project_shown();
    let project = project.map(|it| Html::of("project <bdi>{}</bdi>", &[&it]));
    let facts = [
        Some(Html::of("account <b>{}</b>", &[&plan.account])),
        Some(Html::of("made {} UTC", &[&at])),
        project,
        Some(Html::text(&ledger)),
        Some(Html::of("campaignctl {}", &[&plan.tool_version])),
    ];
    out.say("<ul class=\"facts\">");
    for fact in facts.into_iter().flatten() {
        out.put("<li>{}</li>", &[&fact]);
    }
    out.say("</ul>\n");
}

/// How many changes there are of each action: links to their places, which the script makes filters of.
pub(super) fn counts(plan: &Plan, out: &mut Html) {
    out.say("<ul class=\"counts\" aria-label=\"Changes by action\">");
    for (action, title) in SECTIONS {
        let count = plan.changes.iter().filter(|it| it.action == action).count();
        if count > 0 {
            let word = word(action);
            out.put(
                "<li><a class=\"{}\" href=\"#{}\" data-action=\"{}\"><b>{}</b> {}</a></li>",
                &[&word, &word, &word, &count, &title],
            );
        }
    }
    out.say("</ul>\n");
}

/// The guards that hold the plan back or would, and what it leaves out.
pub(super) fn notices(plan: &Plan, overrides: Overrides, out: &mut Html) {
    let of_a_rule = |a: &Refusal, b: &Refusal| a.rule == b.rule && a.help == b.help;
    for refusals in plan.refusals.chunk_by(of_a_rule) {
        refused(plan, refusals, overrides, out);
    }
    if let Some(narrowed) = plan.partial() {
        out.put(
            "<section class=\"notice partial\"><h2>{}</h2>",
            &[&partial_line("plan", narrowed)],
        );
        for line in left_out_lines(narrowed) {
            out.put("<p>{}</p>", &[&line]);
        }
        out.say("</section>\n");
    }
    if let [title, named @ ..] = left_alone_lines(&plan.left_alone, str::to_owned).as_slice() {
        out.put("<section class=\"notice partial\"><h2>{}</h2>", &[&title]);
        for line in named {
            out.put("<p>{}</p>", &[&line]);
        }
        out.say("</section>\n");
    }
}

/// What was not settled, and what was warned of when the plan was made.
pub(super) fn warned(plan: &Plan, out: &mut Html) {
    for why in &plan.unsettled {
        out.put(
            "<section class=\"notice partial\"><h2>Not settled</h2><p>{}</p></section>\n",
            &[&prose(why)],
        );
    }
    for alike in plan.warnings_alike() {
        let [first, ..] = alike.as_slice() else {
            continue;
        };
        out.put(
            "<section class=\"notice partial\"><h2>Warning <code>{}</code></h2>",
            &[&first.code],
        );
        let folds = alike.len() > FEW;
        if folds {
            out.put("<details><summary>{} of them</summary>", &[&alike.len()]);
        }
        for warning in &alike {
            let at = plan.place_of(warning);
            let at = at.map(|at| Html::of(" <code>{}</code>", &[&at]));
            out.put("<p>{}{}</p>", &[&prose(&warning.message), &at]);
        }
        if folds {
            out.say("</details>");
        }
        let help = first.help.as_deref().map(prose);
        let help = help.map(|help| Html::of("<p class=\"help\">{}</p>", &[&help]));
        out.put("{}</section>\n", &[&help]);
    }
}

/// What one guard has to say: many of the same fold up.
fn refused(plan: &Plan, refusals: &[Refusal], overrides: Overrides, out: &mut Html) {
    let [first, ..] = refusals else { return };
    let allowed = first.flag.as_ref();
    let allowed = allowed.filter(|_| first.is_overridden(overrides));
    let (class, title) = match allowed {
        Some(_) => ("allowed", "Allowed although"),
        None => ("blocked", "Blocked by"),
    };
    let then = match allowed {
        Some(flag) => Html::of("<code>{}</code> is given", &[flag]),
        None => prose(&first.help),
    };
    out.put(
        "<section class=\"notice {}\"><h2>{} <code>{}</code></h2>",
        &[&class, &title, &first.rule],
    );
    let why = Guard::named(&first.rule).map(|guard| guard.why);
    let why = why.map(|why| Html::of("<p class=\"why\">{}</p>", &[&why]));
    out.put("{}", &[&why]);
    let folds = refusals.len() > FEW;
    if folds {
        out.put("<details><summary>{} reasons</summary>", &[&refusals.len()]);
    }
    for refusal in refusals {
        out.put("<p>{}</p>", &[&prose(&refusal.message)]);
        if refusal.objects.len() > 1 {
            out.put(
                "<details><summary>{} objects</summary><ul>",
                &[&refusal.objects.len()],
            );
            for key in &refusal.objects {
                out.put("<li>{}</li>", &[&link(plan, key)]);
            }
            out.say("</ul></details>");
        }
    }
    if folds {
        out.say("</details>");
    }
    out.put("<p class=\"help\">{}</p></section>\n", &[&then]);
}

/// A sentence in which backticks mark code.
pub(super) fn prose(text: &str) -> Html {
    let mut out = Html::default();
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => out.put("{}", &[&part]),
            _ => out.put("<code>{}</code>", &[&part]),
        }
    }
    out
}

/// An object's name, as a link to its change where there is one.
pub(super) fn link(plan: &Plan, key: &Key) -> Html {
    let name = key.to_string();
    match plan.changes.iter().position(|change| change.key() == *key) {
        Some(index) => Html::of("<a href=\"#c{}\">{}</a>", &[&index, &name]),
        None => Html::text(&name),
    }
}

/// The place of the graph. The script draws it from the data; without one, the changes tell what refers to what.
pub(super) fn graph(plan: &Plan, out: &mut Html) {
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
    out.put(
        "<section id=\"graph\" class=\"view\" aria-label=\"Graph\"><noscript><p>The picture needs JavaScript. Each change lists what it refers to and what refers to it.</p></noscript>\n<script type=\"application/json\" id=\"data\">{}</script></section>\n",
        &[&Html::data(&data)],
    );
}

/// Every write in its order.
pub(super) fn steps(plan: &Plan, out: &mut Html) {
    out.say("<section id=\"steps\" class=\"view\" aria-label=\"Order of writes\">\n<p class=\"lead\">Steps that do not depend on each other run in parallel. Publishing comes last.</p>\n<ol class=\"steps\">\n");
    for step in &plan.steps {
        let (class, verb) = verb(step.verb);
        let waits = match step.after.len() {
            0 => Html::default(),
            1 => Html::of(
                "<span class=\"after\">after {}</span>",
                &[&(step.after[0] + 1)],
            ),
            count => Html::of(
                "<span class=\"after\">after {} and {} more</span>",
                &[&(step.after[count - 1] + 1), &(count - 1)],
            ),
        };
        out.put(
            "<li><span class=\"verb {}\">{}</span> <a href=\"#c{}\">{}</a>{}\n",
            &[&class, &verb, &step.change, &step.key.to_string(), &waits],
        );
    }
    out.say("</ol></section>\n");
}

/// The colour and the word of a step.
fn verb(verb: StepVerb) -> (&'static str, &'static str) {
    let (action, said) = match verb {
        StepVerb::Unpublish => (Action::Delete, "unpublish"),
        StepVerb::Create => (Action::Create, "create"),
        StepVerb::Update => (Action::Update, "update"),
        StepVerb::Publish => (Action::Create, "publish"),
        StepVerb::Delete => (Action::Delete, "delete"),
        StepVerb::Adopt => (Action::Adopt, "adopt"),
        StepVerb::Forget => (Action::Forget, "forget"),
        StepVerb::Record => (Action::None, "record"),
        StepVerb::Rename => (Action::Update, "rename"),
        StepVerb::Manual => (Action::Manual, "by hand"),
    };
    (word(action), said)
}
