//! What became of sends, as a page: a chart for each label, then the table.

use std::collections::BTreeMap;

use super::markup::Html;
use super::page;
use crate::report::sends::{Report, figures, labels, shown, summary};
use crate::sends::{LabelTotal, MessageCounts, Sent};

/// The bars of a chart. What was attempted is the whole of all of them.
const BARS: [&str; 5] = ["sent", "delivered", "read", "replied", "failed"];

/// The width of a bar of the whole, in units of the drawing.
const WHOLE: u64 = 1000;

/// The report as a page.
#[must_use]
pub fn render_sends_html(report: &Report) -> String {
    let mut body = Html::fixed(
        "<header class=\"top\">\n<h1>What became of messages</h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n",
    );
    body.put(
        "<ul class=\"facts\"><li>complete until {}</li></ul>\n<p class=\"verdict\">{}</p>\n</header>\n<main>\n",
        &[&report.complete_until, &summary(report)],
    );
    notices(report, &mut body);
    if !report.labels.is_empty() {
        body.say("<section class=\"group\"><h2>By label</h2>\n<div class=\"charts\">\n");
        for total in &report.labels {
            chart(total, &mut body);
        }
        body.say("</div></section>\n");
    }
    table(report, &mut body);
    reasons(report, &mut body);
    body.say("</main>\n");
    page("What became of messages", &body)
}

fn notices(report: &Report, out: &mut Html) {
    for remark in report.remarks() {
        out.put(
            "<section class=\"notice allowed\"><p>{}.</p></section>\n",
            &[&super::parts::prose(&remark)],
        );
    }
    for environment in &report.environments {
        if let Some(failure) = &environment.error {
            out.put(
                "<section class=\"notice blocked\"><h2>{}</h2><pre>{}</pre></section>\n",
                &[&environment.environment, &failure.message],
            );
        }
    }
}

/// The figures of the bars of a chart.
fn bars(counts: &MessageCounts) -> impl Iterator<Item = (&'static str, u64)> {
    let figures = figures(counts).into_iter();
    figures.filter(|(name, _)| BARS.contains(name))
}

/// A chart: a bar for each stage, as long as its share of what was attempted.
fn chart(total: &LabelTotal, out: &mut Html) {
    let label = total.label.as_deref().unwrap_or("without a label");
    let plural = if total.sends == 1 { "" } else { "s" };
    out.put(
        "<figure class=\"chart\"><figcaption><b>{}</b> <span>{} send{}, {} attempted</span></figcaption>\n<dl>",
        &[&label, &total.sends, &plural, &total.counts.attempted],
    );
    for (name, count) in bars(&total.counts) {
        bar(total, (name, count), out);
    }
    out.say("</dl></figure>\n");
}

/// A bar. Its whole are the messages of those senders that give the count: of the others it is not known.
fn bar(total: &LabelTotal, (name, count): (&str, u64), out: &mut Html) {
    out.put("<div class=\"{}\"><dt>{}</dt><dd>", &[&name, &name]);
    let Some(known) = total.known_of(name) else {
        out.say("<i>not counted by the sender</i></dd></div>");
        return;
    };
    let share = |of: u64| (count * of).checked_div(known).unwrap_or_default();
    let (width, percent) = (share(WHOLE), share(100));
    let of = if known == total.counts.attempted {
        String::new()
    } else {
        format!(" of {known}")
    };
    out.put(
        "<svg viewBox=\"0 0 {} 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"whole\" width=\"{}\" height=\"20\"/><rect class=\"part\" width=\"{}\" height=\"20\"/></svg><b>{}</b> <span>{}&nbsp;%{}</span></dd></div>",
        &[&WHOLE, &WHOLE, &width, &count, &percent, &of],
    );
}

fn table(report: &Report, out: &mut Html) {
    let is_one = report.environments.len() == 1;
    out.say("<section class=\"group\"><h2>All sends</h2>\n");
    if report.sends().next().is_none() {
        out.say("<p class=\"lead\">Nothing was sent in this time.</p></section>\n");
        return;
    }
    out.say("<div class=\"canvas\"><table class=\"sends\"><thead><tr>");
    let places = [
        "Environment",
        "Name",
        "Sender",
        "Channel",
        "Labels",
        "State",
    ];
    for head in places.iter().skip(usize::from(is_one)) {
        out.put("<th scope=\"col\">{}</th>", &[&head]);
    }
    let numbers = [
        "Attempted",
        "Sent",
        "Delivered",
        "Read",
        "Clicked",
        "Replied",
        "Failed",
    ];
    let beside = ["Skipped", "Refused", "Unknown", "Not yet"];
    for head in numbers.iter().chain(&beside) {
        out.put("<th scope=\"col\" class=\"n\">{}</th>", &[&head]);
    }
    out.say("</tr></thead><tbody>\n");
    for (environment, send) in report.sends() {
        out.say("<tr>");
        let texts = [
            &environment.environment,
            &send.name,
            &send.sender,
            &send.channel,
            &labels(send),
            &send.state,
        ];
        for text in texts.into_iter().skip(usize::from(is_one)) {
            out.put("<td><bdi>{}</bdi></td>", &[&text]);
        }
        let beside = [send.refused, send.unknown, send.unreported];
        let counts = figures(&send.counts).into_iter();
        let counts = counts.map(|(name, count)| shown(send, name, count));
        for number in counts.chain(beside.map(|it| it.to_string())) {
            out.put("<td class=\"n\">{}</td>", &[&number]);
        }
        out.say("</tr>\n");
    }
    out.say("</tbody></table></div></section>\n");
}

fn reasons(report: &Report, out: &mut Html) {
    let of = |get: fn(&Sent) -> &BTreeMap<String, u64>, word: &'static str| {
        let sends = report.sends();
        let all = sends.flat_map(move |(_, send)| {
            let reasons = get(send).iter();
            reasons
                .map(move |(reason, count)| format!("{word}: {count} of {}: {reason}", send.name))
        });
        all.collect::<Vec<_>>()
    };
    let failed = of(|send| &send.reasons, "failed");
    let refused = of(|send| &send.refusals, "refused");
    if failed.is_empty() && refused.is_empty() {
        return;
    }
    out.say("<section class=\"group\"><h2>Why messages failed</h2>\n<ul class=\"plain\">");
    for reason in failed.iter().chain(&refused) {
        out.put("<li>{}</li>", &[&reason]);
    }
    out.say("</ul></section>\n");
}
