//! What became of sends, as a page: a chart for each label, then the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{escaped, page};
use crate::report::sends::{Report, figures, labels, shown, summary};
use crate::sends::{Counts, LabelTotal, Sent};

/// The bars of a chart. What was attempted is the whole of all of them.
const BARS: [&str; 5] = ["sent", "delivered", "read", "replied", "failed"];

/// The width of a bar of the whole, in units of the drawing.
const WHOLE: u64 = 1000;

/// The report as a page.
#[must_use]
pub fn render_sends_html(report: &Report) -> String {
    let mut body = String::from(
        "<header class=\"top\">\n<h1>What became of messages</h1>\n<button type=\"button\" id=\"theme\" hidden>Theme</button>\n",
    );
    let _ = write!(
        body,
        "<ul class=\"facts\"><li>complete until {}</li></ul>\n<p class=\"verdict\">{}</p>\n</header>\n<main>\n",
        escaped(&report.complete_until),
        escaped(&summary(report))
    );
    notices(report, &mut body);
    if !report.labels.is_empty() {
        body.push_str("<section class=\"group\"><h2>By label</h2>\n<div class=\"charts\">\n");
        for total in &report.labels {
            chart(total, &mut body);
        }
        body.push_str("</div></section>\n");
    }
    table(report, &mut body);
    reasons(report, &mut body);
    body.push_str("</main>\n");
    page("What became of messages", &body)
}

fn notices(report: &Report, out: &mut String) {
    for remark in report.remarks() {
        let _ = writeln!(
            out,
            "<section class=\"notice allowed\"><p>{}.</p></section>",
            super::parts::prose(&remark)
        );
    }
    for environment in &report.environments {
        if let Some(failure) = &environment.error {
            let _ = writeln!(
                out,
                "<section class=\"notice blocked\"><h2>{}</h2><pre>{}</pre></section>",
                escaped(&environment.environment),
                escaped(&failure.message)
            );
        }
    }
}

/// The figures of the bars of a chart.
fn bars(counts: &Counts) -> impl Iterator<Item = (&'static str, u64)> {
    let figures = figures(counts).into_iter();
    figures.filter(|(name, _)| BARS.contains(name))
}

/// A chart: a bar for each stage, as long as its share of what was attempted.
fn chart(total: &LabelTotal, out: &mut String) {
    let label = total.label.as_deref().unwrap_or("without a label");
    let plural = if total.sends == 1 { "" } else { "s" };
    let _ = write!(
        out,
        "<figure class=\"chart\"><figcaption><b>{}</b> <span>{} send{plural}, {} attempted</span></figcaption>\n<dl>",
        escaped(label),
        total.sends,
        total.counts.attempted
    );
    for (name, count) in bars(&total.counts) {
        bar(total, (name, count), out);
    }
    out.push_str("</dl></figure>\n");
}

/// A bar. Its whole are the messages of those senders that give the count: of the others it is not known.
fn bar(total: &LabelTotal, (name, count): (&str, u64), out: &mut String) {
    let _ = write!(out, "<div class=\"{name}\"><dt>{name}</dt><dd>");
    let Some(known) = total.known_of(name) else {
        out.push_str("<i>not counted by the sender</i></dd></div>");
        return;
    };
    let share = |of: u64| (count * of).checked_div(known).unwrap_or_default();
    let (width, percent) = (share(WHOLE), share(100));
    let of = if known == total.counts.attempted {
        String::new()
    } else {
        format!(" of {known}")
    };
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {WHOLE} 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"whole\" width=\"{WHOLE}\" height=\"20\"/><rect class=\"part\" width=\"{width}\" height=\"20\"/></svg><b>{count}</b> <span>{percent}&nbsp;%{of}</span></dd></div>"
    );
}

fn table(report: &Report, out: &mut String) {
    let is_one = report.environments.len() == 1;
    out.push_str("<section class=\"group\"><h2>All sends</h2>\n");
    if report.sends().next().is_none() {
        out.push_str("<p class=\"lead\">Nothing was sent in this time.</p></section>\n");
        return;
    }
    out.push_str("<div class=\"canvas\"><table class=\"sends\"><thead><tr>");
    let places = [
        "Environment",
        "Name",
        "Sender",
        "Channel",
        "Labels",
        "State",
    ];
    for head in places.iter().skip(usize::from(is_one)) {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
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
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for (environment, send) in report.sends() {
        out.push_str("<tr>");
        let texts = [
            &environment.environment,
            &send.name,
            &send.sender,
            &send.channel,
            &labels(send),
            &send.state,
        ];
        for text in texts.into_iter().skip(usize::from(is_one)) {
            let _ = write!(out, "<td><bdi>{}</bdi></td>", escaped(text));
        }
        let beside = [send.refused, send.unknown, send.unreported];
        let counts = figures(&send.counts).into_iter();
        let counts = counts.map(|(name, count)| shown(send, name, count));
        for number in counts.chain(beside.map(|it| it.to_string())) {
            let _ = write!(out, "<td class=\"n\">{number}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn reasons(report: &Report, out: &mut String) {
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
    out.push_str("<section class=\"group\"><h2>Why messages failed</h2>\n<ul class=\"plain\">");
    for reason in failed.iter().chain(&refused) {
        let _ = write!(out, "<li>{}</li>", escaped(reason));
    }
    out.push_str("</ul></section>\n");
}
