//! The launch that a person means.

use crate::resolve::Resource;
use crate::run::manifests::Manifests;
use crate::run::workspace::canonical as real;
use crate::run::{Error, Run, Workspace};
use crate::text::Pointer;
use crate::text::safe::line;

/// The project around a file, or around the current folder for a name.
///
/// # Errors
/// As [`Workspace::find`].
pub fn workspace_of(run: &Run, launch: &str) -> Result<Workspace, Error> {
    let path = run.machine().here().join(launch);
    let folder = path.parent().filter(|_| path.is_file());
    match folder {
        Some(folder) if run.given_project().is_none() => {
            Workspace::find(&run.in_project(run.given_environment(), folder), &[])
        }
        _ => Workspace::find(run, &[]),
    }
}

/// The launch that is meant: by its name, or by the file that it is in.
///
/// # Errors
/// No launch of this name or in this file, or several.
pub fn find<'m>(
    workspace: &Workspace,
    manifests: &'m Manifests,
    wanted: &str,
) -> Result<&'m Resource, Error> {
    let launches = || (manifests.desired.iter()).filter(|it| it.key.kind.def().is_launch);
    if let Some(found) = launches().find(|it| it.key.name.as_str() == wanted) {
        return Ok(found);
    }
    let here = workspace.machine.here();
    let file = real(&here.join(wanted));
    let is_in = |it: &&Resource| {
        let at = manifests
            .texts
            .position(&it.locate(&manifests.texts, &Pointer::root()));
        at.is_some_and(|at| real(&here.join(at.file)) == file)
    };
    let found: Vec<&Resource> = launches().filter(is_in).collect();
    let names = |list: &[&Resource]| {
        let names = list.iter().map(|it| format!("`{}`", it.key.name));
        names.collect::<Vec<_>>().join(", ")
    };
    match found.as_slice() {
        [found] => Ok(found),
        [] => {
            let all: Vec<&Resource> = launches().collect();
            let why = format!(
                "no launch has the name `{0}`, and none is in a file `{0}`",
                line(wanted)
            );
            Err(Error::invalid(why).help(if all.is_empty() {
                "`campaignctl explain Launch` shows one".to_owned()
            } else {
                format!("the launches of the project: {}", names(&all))
            }))
        }
        several => {
            let why = format!("`{}` has {} launches", line(wanted), several.len());
            Err(Error::invalid(why).help(format!("name one: {}", names(several))))
        }
    }
}
