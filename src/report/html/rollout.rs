//! A rollout as a page: what became of each environment, those that are not done first.

use std::fmt::Write as _;

use super::{escaped, page};
use crate::report::rollout::{EnvironmentRollout, Landing, RolloutReport};

/// The report as a page.
#[must_use]
pub fn render_rollout_html(report: &RolloutReport) -> String {
    let project = report.project.iter();
    let project = project.map(|it| format!("<li>project <bdi>{}</bdi></li>", escaped(it)));
    let shards = report.shards.join(", ");
    let shards = (!shards.is_empty()).then(|| format!("<li>shards {}</li>", escaped(&shards)));
    let mut body = format!(
        "<header class=\"top\">\n<h1>Rollout</h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n<ul class=\"facts\">{}</ul>\n<p class=\"verdict\">{}</p>\n</header>\n<main>\n",
        project.chain(shards).collect::<String>(),
        escaped(&report.summary())
    );
    for problem in &report.problems {
        let _ = writeln!(
            body,
            "<section class=\"notice blocked\"><p>{}</p></section>",
            super::parts::prose(&problem.message)
        );
    }
    let open = report.environments.iter();
    for environment in open.filter(|it| !it.result.is_good()) {
        open_one(environment, &mut body);
    }
    table(report, &mut body);
    body.push_str("</main>\n");
    page("Rollout", &body)
}

/// An environment that is not done, and why.
fn open_one(environment: &EnvironmentRollout, out: &mut String) {
    let class = match environment.result {
        Landing::NotStarted | Landing::Interrupted => "allowed",
        _ => "blocked",
    };
    let _ = write!(
        out,
        "<section class=\"notice {class}\"><h2><bdi>{}</bdi>: {}</h2>",
        escaped(&environment.environment),
        environment.result.word()
    );
    if let Some(error) = &environment.error {
        let _ = write!(out, "<p>{}</p>", super::parts::prose(&error.message));
        if let Some(help) = &error.help {
            let _ = write!(out, "<p class=\"help\">{}</p>", super::parts::prose(help));
        }
    }
    if !environment.open.is_empty() {
        out.push_str("<ul>");
        for step in &environment.open {
            let _ = write!(
                out,
                "<li>{}: {}</li>",
                escaped(&step.object.to_string()),
                escaped(&step.message)
            );
        }
        out.push_str("</ul>");
    }
    out.push_str("</section>\n");
}

fn table(report: &RolloutReport, out: &mut String) {
    out.push_str("<section class=\"group\"><h2>Environments</h2>\n<div class=\"canvas\"><table class=\"sends\"><thead><tr>");
    for title in ["Environment", "Account", "Wave", "Shard", "Result", "Ended"] {
        let _ = write!(out, "<th scope=\"col\">{title}</th>");
    }
    for title in ["Done", "Failed", "Skipped", "Manual"] {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{title}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for environment in &report.environments {
        row(environment, out);
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn row(environment: &EnvironmentRollout, out: &mut String) {
    let text = |text: &Option<String>| escaped(text.as_deref().unwrap_or_default());
    let ended = environment.ended.as_deref().unwrap_or_default();
    let ended = ended.split('.').next().unwrap_or_default();
    let _ = write!(
        out,
        "<tr><td><bdi>{}</bdi></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
        escaped(&environment.environment),
        text(&environment.account),
        environment.wave,
        text(&environment.shard),
        environment.result.word(),
        escaped(ended.trim_end_matches('Z'))
    );
    let counts = environment.counts;
    let counts = counts.map(|it| [it.applied, it.failed, it.skipped, it.manual]);
    for index in 0..4 {
        let count = counts.map_or_else(String::new, |it| it[index].to_string());
        let _ = write!(out, "<td class=\"n\">{count}</td>");
    }
    out.push_str("</tr>\n");
}
