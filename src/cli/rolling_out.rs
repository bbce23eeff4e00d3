//! `apply` for many environments: the question, and the report.

use std::path::{Path, PathBuf};

use super::applying::ApplyArgs;
use super::failing::tell;
use super::signals::stop;
use super::ui::Ui;
use super::{Format, exit, notifying, runtime};
use crate::plan::{EnvironmentPlan, Plan, Plans};
use crate::report::environments::render_plans;
use crate::report::rollout::{RolloutReport, render_rollout};
use crate::run::environments::{self, Came};
use crate::run::notifying::{EndedRun, Messenger};
use crate::run::rollout::one::EnvironmentWork;
use crate::run::rollout::{
    Done, Landed, Member, PlannedRollout, Rollout, RolloutShare, Roster, document, folder,
    is_nothing,
};
use crate::run::{Error, Meaning, Run, StopRequests, Stops, Subset, Workspace};
use crate::text::safe::json;

/// What a rollout is made from.
enum RolloutSource {
    /// The manifests of the project.
    Project,
    /// A folder of plans.
    Folder(PathBuf),
}

/// Applies to many environments, where the arguments ask for that.
///
/// # Errors
/// Flags that do not go together, a project or an index that cannot be read.
pub(super) fn run(ui: &Ui, run: &Run, args: &ApplyArgs) -> Result<Option<u8>, Error> {
    let many = &args.many;
    let source = match folder::named(run, &args.paths) {
        Some(folder) => RolloutSource::Folder(folder),
        None if many.all_environments => RolloutSource::Project,
        None => {
            return match many.given_in_vain() {
                Some(flag) => Err(
                    Error::invalid(format!("`{flag}` is about many environments"))
                        .help("add `--all-environments`, or give a folder of plans")
                        .about(flag),
                ),
                None => Ok(None),
            };
        }
    };
    if args.prove {
        let why = "`--prove` asks the platform about one environment";
        return Err(Error::invalid(why).help("run `campaignctl prove -e NAME` for each"));
    }
    let code = match source {
        RolloutSource::Project => of_project(ui, run, args),
        RolloutSource::Folder(folder) => of_folder(ui, run, args, &folder),
    };
    code.map(Some)
}

/// Plans for the environments of the project, and applies the plans.
fn of_project(ui: &Ui, run: &Run, args: &ApplyArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    environments::check(run, &workspace)?;
    let asking = AskedRollout {
        ui,
        run,
        args,
        workspace: &workspace,
        roster: &Roster::of_project(run, &workspace),
        subset: &args.selecting.subset(),
        messenger: &args.notify.messenger(run),
        stops: &Stops::default(),
    };
    if args.auto_approve {
        return asking.carry_out(|work, run, _, stop| work.manifests(run, stop));
    }
    let plans = asking.rollout().plans()?;
    asking.show(&plans);
    if !is_nothing(&plans) && !asking.approved(plans.len())? {
        ui.note("Nothing was written.");
        return Ok(exit::ERROR);
    }
    let plans = PlannedRollout::from(plans);
    asking.carry_out(|work, run, member, stop| plans.carry_out(work, run, member, stop))
}

/// Applies the plans of a folder.
fn of_folder(ui: &Ui, run: &Run, args: &ApplyArgs, folder: &Path) -> Result<u8, Error> {
    if run.given_environment().is_some() {
        let why = "a folder of plans leaves no room for `--environment`";
        let help = format!(
            "give the plan of that environment, `{}/NAME.json`",
            folder.display()
        );
        return Err(Error::invalid(why).help(help));
    }
    if !args.selecting.is_empty() {
        let why = "saved plans are applied as they are";
        let help = "give the flags that select objects to `plan --out`, which keeps the selection";
        return Err(Error::invalid(why).help(help));
    }
    let index = folder::read(run, folder)?;
    let workspace = Workspace::of_plan(run, &index.project, folder)?;
    let asking = AskedRollout {
        ui,
        run,
        args,
        workspace: &workspace,
        roster: &Roster::of_index(&index),
        subset: &Subset::default(),
        messenger: &args.notify.messenger(run),
        stops: &Stops::default(),
    };
    asking.carry_out(|work, run, member, stop| {
        let plan = folder::plan_of(folder, &index, &member.environment)?;
        work.plan(run, &plan, stop)
    })
}

/// A rollout that a person or a pipeline asked for.
struct AskedRollout<'a> {
    ui: &'a Ui,
    run: &'a Run,
    args: &'a ApplyArgs,
    workspace: &'a Workspace,
    roster: &'a Roster,
    subset: &'a Subset,
    messenger: &'a Messenger,
    stops: &'a Stops,
}

impl AskedRollout<'_> {
    fn rollout(&self) -> Rollout<'_> {
        let many = &self.args.many;
        Rollout {
            run: self.run,
            workspace: self.workspace,
            roster: self.roster,
            part: RolloutShare {
                wave: many.wave,
                shard: many.shard,
            },
            at_a_time: many.at_a_time.at_a_time,
            waits: many.wait,
            subset: self.subset,
            ignores_drift: self.args.ignore_drift,
            stops: self.stops,
        }
    }

    fn work(&self) -> EnvironmentWork<'_> {
        EnvironmentWork {
            workspace: self.workspace,
            subset: self.subset,
            ignores_drift: self.args.ignore_drift,
            overrides: self.args.guards.overrides(),
            fail_fast: self.args.fail_fast,
            audit: self.args.audit.file(),
            lock_timeout: self.args.lock_timeout,
            messenger: self.messenger,
        }
    }

    /// Shows the plans of all environments to a person.
    fn show(&self, plans: &[Came<Plan>]) {
        if self.ui.format() != Format::Text {
            return;
        }
        let shown = Plans::new(plans.iter().map(shown).collect());
        let overrides = self.args.guards.overrides();
        let text = render_plans(&shown, overrides, self.args.full, self.ui.color());
        self.ui.data(&self.ui.broken(&text));
    }

    /// Asks whether the plans of so many environments are to be applied.
    fn approved(&self, count: usize) -> Result<bool, Error> {
        let question = format!("Apply this to {count} environments?");
        self.run.news().confirm(&question).ok_or_else(|| {
            Error::invalid("there is no terminal to ask questions on").help(
                "give `--auto-approve` when the plans may be applied without a question, or apply a folder of plans",
            )
        })
    }

    /// Carries it out, and tells people, programs and webhooks what came of it.
    fn carry_out(
        &self,
        one: impl Fn(&EnvironmentWork<'_>, &Run, &Member, StopRequests) -> Result<Done, Error> + Sync,
    ) -> Result<u8, Error> {
        let rollout = self.rollout();
        rollout.part.check(self.roster)?;
        let runtime = runtime()?;
        let mut stop = runtime.block_on(async { stop() })?;
        let listening = self.stops.clone();
        runtime.spawn(async move {
            loop {
                stop.wanted().await;
                listening.ask();
            }
        });
        let work = self.work();
        let landed = rollout.carry_out(|run, member, stop| one(&work, run, member, stop));
        runtime.shutdown_background();
        Ok(self.told(rollout.part, &landed))
    }

    fn told(&self, part: RolloutShare, landed: &[Landed]) -> u8 {
        let code = |meaning: Option<Meaning>| meaning.map_or(exit::DONE, exit::of);
        let mut report = document::report(self.roster, part, landed, code);
        report.exit = exit_code(&report);
        let ends = report.environments.iter().filter_map(|it| {
            Some(EndedRun {
                environment: it.environment.clone(),
                code: it.exit?,
                failed: it.error.as_ref().map(|error| error.message.clone()),
            })
        });
        notifying::tell_of_each(self.run, self.messenger, &ends.collect::<Vec<_>>());
        let document = json(&report);
        self.ui.document(&document);
        if self.ui.format() == Format::Text {
            self.ui.data(&self.ui.broken(&render_rollout(&report)));
        } else {
            let open = report.environments.iter();
            tell(
                self.ui,
                open.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
            );
            self.ui.raw(&document);
        }
        report.exit
    }
}

/// The exit code of a report: that of the worst environment. One that is not the whole is an error.
pub(super) fn exit_code(report: &RolloutReport) -> u8 {
    let incomplete = (!report.is_whole()).then_some(exit::ERROR);
    exit::worst(report.exits().chain(incomplete))
}

/// A plan of one environment, as the summary shows it.
fn shown((environment, result): &Came<Plan>) -> EnvironmentPlan {
    let (exit, plan, error) = match result {
        Ok(plan) => (exit::DONE, Some(plan.clone()), None),
        Err(error) => (exit::of(error.meaning), None, Some(error.into())),
    };
    EnvironmentPlan {
        environment: environment.clone(),
        exit,
        plan,
        error,
    }
}
