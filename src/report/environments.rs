//! The plans of several environments: each under its heading, then a table of all.

use std::fmt::Write as _;

use super::markdown::{render_markdown, render_markdown_in_full};
use super::plan::{render_plan, render_plan_in_full};
use crate::plan::{EnvironmentPlan, Overrides, Plan, PlanFailure, Plans, Summary};
use crate::text::safe::{code, line, lines, prose};

/// The columns of the table.
const COLUMNS: [&str; 6] = ["create", "update", "replace", "delete", "adopt", "manual"];

/// The plans as text, with every object and field where `full`.
#[must_use]
pub fn render_plans(plans: &Plans, overrides: Overrides, full: bool, color: bool) -> String {
    let render = if full {
        render_plan_in_full
    } else {
        render_plan
    };
    let mut out = String::new();
    for environment in &plans.environments {
        let _ = writeln!(out, "{}", heading(environment));
        match (&environment.plan, &environment.error) {
            (Some(plan), _) => out.push_str(&render(plan, overrides, color)),
            (None, Some(failure)) => out.push_str(&failed(failure)),
            (None, None) => {}
        }
        out.push('\n');
    }
    table(plans, overrides, &mut out);
    out
}

/// A line above what belongs to one environment.
#[must_use]
pub fn environment_heading(name: &str, account: Option<&str>) -> String {
    match account {
        Some(account) => format!("=== {} (account {})", line(name), line(account)),
        None => format!("=== {}", line(name)),
    }
}

fn heading(environment: &EnvironmentPlan) -> String {
    let account = environment.plan.as_ref().map(|plan| plan.account.as_str());
    environment_heading(&environment.environment, account)
}

/// Why there is nothing to show of an environment.
pub(super) fn failed(failure: &PlanFailure) -> String {
    let help = failure.help.iter();
    let help = help.fold(String::new(), |_, help| {
        format!("  = help: {}\n", lines(help))
    });
    format!("error: {}\n{help}", lines(&failure.message))
}

/// The counts of the table, in the order of its columns.
fn counts(summary: Summary) -> [usize; 6] {
    let Summary {
        create,
        update,
        replace,
        delete,
        adopt,
        manual,
        unchanged: _,
    } = summary;
    [create, update, replace, delete, adopt, manual]
}

/// What a row says beside its counts.
fn remark(plan: &Plan, overrides: Overrides) -> &'static str {
    let mut refusals = plan.refusals.iter();
    let is_free = refusals.all(|refusal| refusal.is_overridden(overrides));
    match (is_free, !plan.is_whole()) {
        (true, false) => "",
        (false, false) => "  blocked",
        (true, true) => "  partial",
        (false, true) => "  blocked, partial",
    }
}

fn table(plans: &Plans, overrides: Overrides, out: &mut String) {
    let names = plans
        .environments
        .iter()
        .map(|it| it.environment.chars().count());
    let width = names.chain(["environment".len()]).max().unwrap_or_default();
    let row = |name: &str, cells: [String; 6]| {
        cells
            .iter()
            .fold(format!("{name:width$}"), |mut row, cell| {
                let _ = write!(row, "  {cell:>7}");
                row
            })
    };
    let _ = writeln!(out, "{}", row("environment", COLUMNS.map(str::to_owned)));
    for EnvironmentPlan {
        environment,
        exit,
        plan,
        ..
    } in &plans.environments
    {
        let line = match plan {
            Some(plan) => {
                let cells = counts(plan.summary).map(|count| count.to_string());
                row(environment, cells) + remark(plan, overrides)
            }
            None => format!("{environment:width$}  failed, exit {exit}"),
        };
        let _ = writeln!(out, "{line}");
    }
    let total = counts(plans.summary).map(|count| count.to_string());
    let _ = writeln!(out, "{}{}", row("total", total), missing(plans));
}

/// What the total lacks.
fn missing(plans: &Plans) -> String {
    match plans.failed {
        0 => String::new(),
        failed => format!("  {failed} of {} failed", plans.environments.len()),
    }
}

/// The plans as Markdown of at most `budget` characters: a table, then a section for each. What a short plan leaves of
/// its share goes to the others. Each object is listed where `full`, as far as the budget reaches.
#[must_use]
pub fn render_plans_markdown(
    plans: &Plans,
    overrides: Overrides,
    full: bool,
    budget: usize,
) -> String {
    let render = if full {
        render_markdown_in_full
    } else {
        render_markdown
    };
    let mut out = markdown_table(plans, overrides);
    let mut rendered: Vec<(usize, String)> = Vec::new();
    let mut left = budget.saturating_sub(out.chars().count());
    let mut planned: Vec<(usize, &Plan)> = plans
        .environments
        .iter()
        .enumerate()
        .filter_map(|(index, it)| Some((index, it.plan.as_ref()?)))
        .collect();
    planned.sort_by_key(|(index, plan)| (plan.changes.len(), *index));
    let count = planned.len();
    for (done, (index, plan)) in planned.into_iter().enumerate() {
        // Each has a blank line in front of it.
        let share = (left / (count - done)).saturating_sub(1);
        let text = render(plan, overrides, share);
        left = left.saturating_sub(text.chars().count() + 1);
        rendered.push((index, text));
    }
    rendered.sort_by_key(|(index, _)| *index);
    for (_, text) in rendered {
        out.push('\n');
        out.push_str(&text);
    }
    out
}

fn markdown_table(plans: &Plans, overrides: Overrides) -> String {
    let mut out = format!(
        "<!-- campaignctl:plans -->\n## Plans for {} environments\n\n| environment | {} | |\n|---|{}---|\n",
        plans.environments.len(),
        COLUMNS.join(" | "),
        "--:|".repeat(COLUMNS.len())
    );
    let mut row = |name: &str, cells: &[String], remark: &str| {
        let _ = writeln!(
            out,
            "| {name} | {} | {} |",
            cells.join(" | "),
            remark.trim()
        );
    };
    for EnvironmentPlan {
        environment,
        plan,
        error,
        ..
    } in &plans.environments
    {
        let name = code(environment);
        if let Some(plan) = plan {
            let cells = counts(plan.summary).map(|count| count.to_string());
            row(&name, &cells, remark(plan, overrides));
            continue;
        }
        let why = error.as_ref().map_or("", |it| it.message.as_str());
        let why: String = why.chars().take(500).collect();
        let cells = COLUMNS.map(|_| "–".to_owned());
        row(&name, &cells, &format!("**failed**: {}", prose(&why)));
    }
    let total = counts(plans.summary).map(|count| count.to_string());
    row("total", &total, &missing(plans));
    out
}

/// GitLab's report of all plans together.
#[must_use]
pub fn gitlab_report_of_all(plans: &Plans) -> String {
    super::markdown::gitlab_counts(plans.summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_an_environment_has_no_plan_is_text() {
        let error = PlanFailure {
            message: "<img> of @octo | team\n".to_owned(),
            help: None,
        };
        let plans = Plans::new(vec![EnvironmentPlan {
            environment: "live".to_owned(),
            exit: 1,
            plan: None,
            error: Some(error),
        }]);
        let table = markdown_table(&plans, Overrides::default());
        let told = "**failed**: &lt;img&gt; of <span>@</span>octo &#124; team&#92;n";
        assert!(table.contains(told), "{table}");
    }
}
