//! A plan, or what became of messages or of a rollout, as a page for a browser: one file, no network, readable without its script.
//!
//! Everything that people review is in the markup; the script adds search, filters, the theme switch and the picture
//! of the graph. The page admits nothing but its own style and script, by their digests, and all that comes out of the
//! plan is escaped.

mod change;
mod fields;
pub(super) mod markup;
mod parts;
mod rollout;
mod sends;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::failure::FailureReport;
use super::impact::render_impact_html;
use super::plan::summary_line;
use crate::plan::{Overrides, Plan};
use markup::{Html, Markup};
use parts::{counts, facts, graph, notices, steps, warned};

pub use rollout::render_rollout_html;
pub use sends::render_sends_html;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What stands above the tabs; the script moves between them.
const TABS: &str = "<nav class=\"tabs\" aria-label=\"Views\"><a href=\"#changes\">Changes</a><a href=\"#graph\">Graph</a><a href=\"#steps\">Order of writes</a></nav>\n";

/// The whole plan as a page, its guards as the flags of the run override them.
#[must_use]
pub fn render_html(plan: &Plan, overrides: Overrides) -> String {
    let mut body = Html::default();
    body.put(
        "<a class=\"skip\" href=\"#changes\">Skip to the changes</a>\n<header class=\"top\">\n<h1>Plan for <bdi>{}</bdi></h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n",
        &[&plan.environment],
    );
    facts(plan, &mut body);
    body.put("<p class=\"verdict\">{}</p>\n", &[&summary_line(plan)]);
    body.say("</header>\n<main>\n");
    notices(plan, overrides, &mut body);
    warned(plan, &mut body);
    body.put("{}", &[&render_impact_html(plan.impact.as_ref())]);
    if !plan.changes.is_empty() {
        counts(plan, &mut body);
        body.say(TABS);
        change::section(plan, &mut body);
        graph(plan, &mut body);
        steps(plan, &mut body);
    }
    body.say("</main>\n<footer>Keys: <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous change, <kbd>Enter</kbd> open, <kbd>Esc</kbd> clear</footer>\n");
    page(&format!("Plan for {}", plan.environment), &body)
}

/// The page of a run that has no plan to show.
#[must_use]
pub fn render_failure_html(failure: &FailureReport, environment: &str) -> String {
    let help = failure.help.as_deref().map(parts::prose);
    let help = help.map(|help| Html::of("<p class=\"help\">{}</p>", &[&help]));
    let body = Html::of(
        "<header class=\"top\">\n<h1>No plan for <bdi>{}</bdi></h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n</header>\n<main>\n<section class=\"notice blocked\"><pre>{}</pre>{}</section>\n</main>\n",
        &[&environment, &failure.message, &help],
    );
    page(&format!("No plan for {environment}"), &body)
}

/// A whole page around a body.
fn page(title: &str, body: &Html) -> String {
    let parts: [&dyn Markup; 6] = [
        &Html::digest(STYLE),
        &Html::digest(SCRIPT),
        &title,
        &Html::fixed(STYLE),
        body,
        &Html::fixed(SCRIPT),
    ];
    let page = Html::of(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}<script>{}</script>\n</body>\n</html>\n",
        &parts,
    );
    page.into_string()
}

/// A digest as a Content-Security-Policy names it.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
