//! The rules of Goal.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;

use super::{Goal, Indicator, IndicatorType};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&URL_MISSING, &COUNT_LOW];

const URL_MISSING: Code = Code {
    name: "goal-url-missing",
    severity: Severity::Error,
    title: "an indicator of type `url` has no address",
    why: "A goal with a `url` indicator is reached when a visitor reaches the address. Without one it is \
          never reached, and the campaign counts no success.",
    wrong: "spec:\n  indicator: { type: url, count: 1 }\n",
    right: "spec:\n  indicator: { type: url, url: /thanks, count: 1 }\n",
};

const COUNT_LOW: Code = Code {
    name: "goal-count-low",
    severity: Severity::Error,
    title: "an indicator has a count below 1",
    why: "`count` says how often an address must be reached before the goal is. Less than once means \
          nothing.",
    wrong: "spec:\n  indicator: { url: /thanks, count: 0 }\n",
    right: "spec:\n  indicator: { url: /thanks, count: 1 }\n",
};

/// All rules.
pub(super) fn check(spec: &Goal, out: &mut Findings) {
    if let Some(indicator) = &spec.indicator {
        let raw_url = spec.extra.as_ref().is_some_and(|extra| {
            extra
                .get("indicatorValue")
                .is_some_and(|value| !value.is_object() || value.get("url").is_some())
        });
        if !raw_url {
            url_missing(indicator, out);
        }
        count_low(indicator, out);
    }
}

/// An indicator without a type may be one of an adopted goal: only what belongs to an address counts.
fn url_missing(indicator: &Indicator, out: &mut Findings) {
    let watches_url = match &indicator.indicator_type {
        Some(IndicatorType::Url) => true,
        Some(_) => false,
        None => indicator.match_type.is_some() || indicator.count.is_some(),
    };
    let empty = match &indicator.url {
        None => watches_url,
        Some(url) => watches_url && url.trim().is_empty(),
    };
    if empty {
        let at = if indicator.url.is_some() {
            "/indicator/url"
        } else {
            "/indicator"
        };
        out.push(
            &URL_MISSING,
            at,
            "the indicator has no address to watch",
            "set `url` to the address, or a part of it, that a visitor must reach",
        );
    }
}

fn count_low(indicator: &Indicator, out: &mut Findings) {
    if let Some(count) = indicator.count.filter(|count| *count < 1) {
        out.push(
            &COUNT_LOW,
            "/indicator/count",
            format!("`count` is {count}"),
            "use 1 or more",
        );
    }
}
