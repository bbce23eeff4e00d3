//! A rollout as a page: what became of each environment, those that are not done first.

use super::markup::Html;
use super::page;
use crate::report::rollout::{EnvironmentRollout, Landing, RolloutReport};

/// The report as a page.
#[must_use]
pub fn render_rollout_html(report: &RolloutReport) -> String {
    let project = report.project.iter();
    let project = project.map(|it| Html::of("<li>project <bdi>{}</bdi></li>", &[it]));
    let shards = report.shards.join(", ");
    let shards = (!shards.is_empty()).then(|| Html::of("<li>shards {}</li>", &[&shards]));
    let facts: Vec<Html> = project.chain(shards).collect();
    let mut body = Html::of(
        "<header class=\"top\">\n<h1>Rollout</h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n<ul class=\"facts\">{}</ul>\n<p class=\"verdict\">{}</p>\n</header>\n<main>\n",
        &[&Html::joined(&facts, ""), &report.summary()],
    );
    for problem in &report.problems {
        body.put(
            "<section class=\"notice blocked\"><p>{}</p></section>\n",
            &[&super::parts::prose(&problem.message)],
        );
    }
    let open = report.environments.iter();
    for environment in open.filter(|it| !it.result.is_good()) {
        open_one(environment, &mut body);
    }
    table(report, &mut body);
    body.say("</main>\n");
    page("Rollout", &body)
}

/// An environment that is not done, and why.
fn open_one(environment: &EnvironmentRollout, out: &mut Html) {
    let class = match environment.result {
        Landing::NotStarted | Landing::Interrupted => "allowed",
        _ => "blocked",
    };
    out.put(
        "<section class=\"notice {}\"><h2><bdi>{}</bdi>: {}</h2>",
        &[&class, &environment.environment, &environment.result.word()],
    );
    if let Some(error) = &environment.error {
        out.put("<p>{}</p>", &[&super::parts::prose(&error.message)]);
        if let Some(help) = &error.help {
            out.put("<p class=\"help\">{}</p>", &[&super::parts::prose(help)]);
        }
    }
    if !environment.open.is_empty() {
        out.say("<ul>");
        for step in &environment.open {
            out.put(
                "<li>{}: {}</li>",
                &[&step.object.to_string(), &step.message],
            );
        }
        out.say("</ul>");
    }
    out.say("</section>\n");
}

fn table(report: &RolloutReport, out: &mut Html) {
    out.say("<section class=\"group\"><h2>Environments</h2>\n<div class=\"canvas\"><table class=\"sends\"><thead><tr>");
    for title in ["Environment", "Account", "Wave", "Shard", "Result", "Ended"] {
        out.put("<th scope=\"col\">{}</th>", &[&title]);
    }
    for title in ["Done", "Failed", "Skipped", "Manual"] {
        out.put("<th scope=\"col\" class=\"n\">{}</th>", &[&title]);
    }
    out.say("</tr></thead><tbody>\n");
    for environment in &report.environments {
        row(environment, out);
    }
    out.say("</tbody></table></div></section>\n");
}

fn row(environment: &EnvironmentRollout, out: &mut Html) {
    let ended = environment.ended.as_deref().unwrap_or_default();
    let ended = ended.split('.').next().unwrap_or_default();
    out.put(
        "<tr><td><bdi>{}</bdi></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
        &[
            &environment.environment,
            &environment.account,
            &environment.wave,
            &environment.shard,
            &environment.result.word(),
            &ended.trim_end_matches('Z'),
        ],
    );
    let counts = environment.counts;
    let counts = counts.map(|it| [it.applied, it.failed, it.skipped, it.manual]);
    for index in 0..4 {
        let count = counts.map(|it| it[index]);
        out.put("<td class=\"n\">{}</td>", &[&count]);
    }
    out.say("</tr>\n");
}
