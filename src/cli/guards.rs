//! The flags of the guards, and plans as the flags override them.

use clap::Args;

use super::Format;
use super::ui::Ui;
use crate::plan::{Overrides, Plan, Refusal};
use crate::report::html::render_html;
use crate::report::markdown::{gitlab_report, render_markdown, render_markdown_in_full};
use crate::report::plan::{render_plan, render_plan_in_full};
use crate::run::planning::plan_json;

/// Flags that say that something drastic is meant.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Guards")]
pub(super) struct GuardArgs {
    /// Allow a plan with many deletes. It may delete a large share of the owned objects of a kind.
    #[arg(long)]
    allow_mass_delete: bool,
    /// Allow a plan with many updates. It may update a large share of the owned objects of a kind.
    #[arg(long)]
    allow_mass_update: bool,
    /// Allow a plan that takes away what consumers see. The plan marks that with LEAVES.
    #[arg(long)]
    allow_unpublish: bool,
    /// Allow an impact on visitors that no scenario expects. The plan may change what they are offered.
    #[arg(long)]
    allow_impact: bool,
}

impl GuardArgs {
    /// What the flags override.
    pub(super) fn overrides(self) -> Overrides {
        let flags = [
            ("--allow-mass-delete", self.allow_mass_delete),
            ("--allow-mass-update", self.allow_mass_update),
            ("--allow-unpublish", self.allow_unpublish),
            ("--allow-impact", self.allow_impact),
        ];
        let given = flags.iter().filter(|(_, is_given)| *is_given);
        Overrides::of(&given.map(|(flag, _)| *flag).collect::<Vec<_>>())
    }

    /// Whether a guard holds a plan back that none of the flags overrides.
    pub(super) fn block(self, refusals: &[Refusal]) -> bool {
        refusals
            .iter()
            .any(|refusal| !refusal.is_overridden(self.overrides()))
    }
}

/// The plan in the format of the run, its guards as the flags override them.
pub(super) fn shown(ui: &Ui, format: Format, guards: GuardArgs, plan: &Plan, full: bool) -> String {
    let overrides = guards.overrides();
    match format {
        Format::Json => plan_json(plan),
        Format::Markdown if full => render_markdown_in_full(plan, overrides, ui.markdown_budget()),
        Format::Markdown => render_markdown(plan, overrides, ui.markdown_budget()),
        Format::Gitlab => gitlab_report(plan),
        Format::Html => render_html(plan, overrides),
        // The other formats are of other commands: the command line refuses them here.
        _ => {
            let render = if full {
                render_plan_in_full
            } else {
                render_plan
            };
            ui.broken(&render(plan, overrides, ui.color()))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::plan::GUARDS;

    #[derive(clap::Parser)]
    struct Probe {
        #[command(flatten)]
        guards: GuardArgs,
    }

    #[test]
    fn every_flag_of_the_table_is_taken_and_overrides_its_guard_alone() {
        use clap::Parser as _;
        let flags = GUARDS.iter().filter_map(|guard| guard.flag);
        let flags: Vec<&str> = flags.collect();
        for guard in GUARDS {
            let Some(flag) = guard.flag else { continue };
            let overrides = Probe::parse_from(["probe", flag]).guards.overrides();
            assert!(overrides.has(guard.name), "{flag}");
            assert_eq!(overrides, Overrides::of(&[flag]));
        }
        let known = Probe::command();
        let known = known.get_arguments().filter_map(|it| it.get_long());
        let known: Vec<String> = known
            .map(|it| format!("--{it}"))
            .filter(|it| it != "--help")
            .collect();
        assert_eq!(known, flags);
    }
}
