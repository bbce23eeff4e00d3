//! A folder of plans: a file for each environment, and the index that says which they are.

use std::path::{Path, PathBuf};

use super::roster::wave_of;
use crate::plan::{
    INDEX_FILE, INDEX_FORMAT, Indexed, IndexedPlan, Plan, PlanIndex, Plans, plan_file,
};
use crate::run::planning::plan_json;
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run, ledgers, outputs, saved};
use crate::text::safe;

/// The longest index that is read: far above that of thousands of environments.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The folder of plans that the arguments of `apply` name: one folder, with an index in it.
#[must_use]
pub fn named(run: &Run, paths: &[PathBuf]) -> Option<PathBuf> {
    let [folder] = paths else { return None };
    let index = run.machine().here().join(folder).join(INDEX_FILE);
    index.is_file().then(|| folder.clone())
}

/// Makes the folder that `--out` names for the plans of all environments.
///
/// # Errors
/// A file of this name; a folder that cannot be made, or holds something else.
pub fn make(run: &Run, workspace: &Workspace, folder: &Path) -> Result<(), Error> {
    if folder.exists() && !folder.is_dir() {
        let why = format!(
            "`{}` is a file, and there is a plan for each environment",
            folder.display()
        );
        return Err(Error::invalid(why).help("name a folder").about("--out"));
    }
    outputs::may_hold_plans(run.outputs(), folder, "--out")?;
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::from(error)
            .context(&folder.display().to_string())
            .about("--out")
    })?;
    outputs::allowed(
        run.outputs(),
        &folder.join(INDEX_FILE),
        outputs::OutputFlag::INDEX,
    )?;
    let names = workspace.project.every_environment();
    let files = names.iter().map(|name| folder.join(plan_file(name)));
    files
        .into_iter()
        .try_for_each(|file| outputs::allowed(run.outputs(), &file, outputs::OutputFlag::PLAN))
}

/// Writes the plans of all environments, and the index of what was written. A file of an earlier run is no plan of this
/// one.
///
/// # Errors
/// A file that cannot be written.
pub fn write(
    run: &Run,
    workspace: &Workspace,
    folder: &Path,
    plans: &Plans,
) -> Result<PlanIndex, Error> {
    for it in &plans.environments {
        let file = folder.join(plan_file(&it.environment));
        match &it.plan {
            Some(plan) => outputs::write(&file, &plan_json(plan), outputs::OutputFlag::PLAN)?,
            None if file.exists() => run.note(&format!(
                "`{}` is from an earlier run: there is no plan for {} now.",
                file.display(),
                it.environment
            )),
            None => {}
        }
    }
    let index = index_of(run, workspace, plans);
    outputs::write(
        &folder.join(INDEX_FILE),
        &safe::json(&index),
        outputs::OutputFlag::INDEX,
    )?;
    Ok(index)
}

fn index_of(run: &Run, workspace: &Workspace, plans: &Plans) -> PlanIndex {
    let project = &workspace.project;
    let indexed = plans.environments.iter().map(|it| {
        let name = &it.environment;
        let settings = project.environments.get(name);
        Indexed {
            environment: name.clone(),
            account: ledgers::account_of(&run.about(name), workspace).ok(),
            labels: settings.map(|it| it.labels.clone()).unwrap_or_default(),
            wave: wave_of(workspace, name),
            exit: it.exit,
            plan: it.plan.as_ref().map(IndexedPlan::of),
            error: it.error.clone(),
        }
    });
    PlanIndex {
        format: INDEX_FORMAT.to_owned(),
        id: run.machine().unique_id(),
        created_at: run.machine().now().to_string(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        project: workspace.shown_root.clone(),
        project_name: project.project.clone(),
        max_failures: project.max_failures,
        waves: project.waves.clone(),
        environments: indexed.collect(),
        digest: String::new(),
    }
    .sealed()
}

/// Reads the index of a folder.
///
/// # Errors
/// A file that cannot be read or is no index of ours; a flag that names one of its files for what the run makes.
pub fn read(run: &Run, folder: &Path) -> Result<PlanIndex, Error> {
    let path = folder.join(INDEX_FILE);
    let index = read_index(&path)?;
    run.outputs()
        .leave(&path, "is the index that this run reads")?;
    for entry in index.environments.iter().filter_map(|it| it.plan.as_ref()) {
        let what = "is a plan that this run reads";
        run.outputs().leave(&folder.join(&entry.file), what)?;
    }
    Ok(index)
}

fn read_index(path: &Path) -> Result<PlanIndex, Error> {
    let shown = path.display();
    let text = crate::files::read_text(path, LONGEST)
        .map_err(|error| Error::invalid(format!("cannot read the index `{shown}`: {error}")))?;
    PlanIndex::read(&text).map_err(|why| {
        Error::invalid(format!("`{shown}` is not an index that can be used: {why}"))
            .help("make a new one with `campaignctl plan --all-environments --out DIR`")
    })
}

/// The plan of an environment, as the index has it.
///
/// # Errors
/// An environment without a plan; a file that is missing, damaged, or not the plan that the index lists.
pub fn plan_of(folder: &Path, index: &PlanIndex, environment: &str) -> Result<Plan, Error> {
    let mut indexed = index.environments.iter();
    let indexed = indexed.find(|it| it.environment == environment);
    let Some(entry) = indexed.and_then(|it| it.plan.as_ref()) else {
        let why = indexed.and_then(|it| it.error.as_ref());
        let why = why.map_or("it is not in the index", |error| &error.message);
        return Err(Error::invalid(format!("there is no plan: {why}")).help("plan again"));
    };
    let file = folder.join(&entry.file);
    let plan = saved::read(&file)?;
    let is_listed = plan.digest == entry.digest
        && plan.environment == environment
        && plan.project == index.project;
    if is_listed {
        return Ok(plan);
    }
    let why = format!(
        "`{}` is not the plan that `{INDEX_FILE}` lists: it was made at {}, and the index at {}",
        file.display(),
        plan.created_at,
        index.created_at
    );
    Err(Error::new(Meaning::Stale, why).help("plan again, all environments into one folder"))
}
