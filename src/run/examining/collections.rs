//! Every collection of the account: whether these credentials can read it, and what it offers.
//!
//! A refusal (401, 403) of one collection says something about the credentials, and all of them are told together: which
//! credential may read what. A refusal of everything says something about the place: a host of another region knows
//! neither the account nor its tokens.

use serde_json::Value;

use super::Doctor;
use super::launches::Needed;
use super::names::{HeldNames, WantedNames};
use crate::api::{self, Client, Reader as _, SignInSecrets};
use crate::kinds::{KindId, Role};
use crate::live::Needs;
use crate::name::RemoteId;
use crate::report::doctor::KindCount;
use crate::run::access::{campaigns, lacking};
use crate::run::{Error, Meaning};

/// The most objects around others that are looked into, to count what lies inside.
const PARENTS: usize = 100;

/// What is asked for the collections.
pub(super) struct Collections<'a> {
    /// The account.
    pub(super) client: &'a Client,
    /// What it was signed in to with.
    pub(super) credentials: &'a SignInSecrets,
    /// What the manifests need.
    pub(super) needs: &'a Needs,
    /// The live names that the manifests refer to.
    pub(super) wanted: &'a WantedNames,
    /// What the launches of the project need.
    pub(super) launches: &'a [Needed],
    /// Whether the project fixes hosts that the look-up names otherwise.
    pub(super) is_contradicted: bool,
}

/// What came of reading the collections.
#[derive(Default)]
struct Access {
    readable: Vec<KindId>,
    refused: Vec<(KindId, api::ApiError)>,
    held: HeldNames,
}

impl Collections<'_> {
    fn needs(&self, kind: KindId) -> bool {
        self.needs.kinds.contains(&kind)
    }

    /// Whether a plan could not do without campaigns. A project without manifests is going to have some.
    fn needs_campaigns(&self) -> bool {
        self.needs.kinds.is_empty() || campaigns().is_some_and(|kind| self.needs(kind))
    }
}

impl Doctor<'_> {
    /// Lists every collection of the account.
    pub(super) async fn collections(&mut self, collections: &Collections<'_>) {
        let kinds = KindId::all().filter(|kind| kind.def().collection.is_some());
        let (tops, below): (Vec<_>, Vec<_>) = kinds.partition(|kind| kind.def().parent.is_none());
        let mut access = Access::default();
        for kind in tops {
            match collections.client.list(kind, None).await {
                Ok(rows) => {
                    access.readable.push(kind);
                    for inner in below.iter().filter(|below| lies_in(**below, kind)) {
                        self.inner(collections, &mut access, *inner, &rows).await;
                    }
                    access.held.insert(kind, names_of(kind, &rows));
                    self.offer(kind, &rows, collections.needs(kind), true);
                }
                Err(error) => self.unread(collections, &mut access, kind, error),
            }
        }
        let order = |offer: &KindCount| KindId::named(offer.kind);
        self.examination.offers.sort_by_key(order);
        if !self.is_elsewhere(collections, &access) {
            self.campaigns(collections, &access);
            self.refused(collections, &access);
        }
        self.readable(collections, &access);
        self.names(collections.wanted, &access.held);
        let (client, launches) = (collections.client, collections.launches);
        self.launches(client, launches, &access.held).await;
    }

    /// Whether the account is not at the host that was asked: a token that was just made opens nothing there.
    fn is_elsewhere(&mut self, collections: &Collections<'_>, access: &Access) -> bool {
        let Some((_, error)) = access.stranger() else {
            return false;
        };
        let name = collections.credentials.name();
        let is_given = matches!(collections.credentials, SignInSecrets::Bearer(_));
        let found = if is_given {
            format!("{name} may read nothing there: {error}")
        } else {
            format!(
                "{name} may read nothing there, although the platform just signed it in: {error}"
            )
        };
        let help = if is_given {
            "it may have ended, or be of another account: fetch a new one; a host of another region answers like that, too"
        } else if collections.is_contradicted {
            "a host of another region answers like that: remove the `hosts` that differ from the look-up, see above"
        } else {
            "a host of another region answers like that: check `account`, `domainApi` and `hosts` of the environment"
        };
        self.failed("campaigns", Error::new(Meaning::Denied, found).help(help));
        true
    }

    /// Whether these credentials may read campaigns, the question that decides about them.
    fn campaigns(&mut self, collections: &Collections<'_>, access: &Access) {
        let Some(kind) = campaigns() else {
            return;
        };
        let name = collections.credentials.name();
        if access.readable.contains(&kind) {
            return self.ok("campaigns", format!("{name} may read them"));
        }
        let Some((_, error)) = access.refused.iter().find(|(refused, _)| *refused == kind) else {
            return; // that it could not be read was reported with the reason
        };
        let found = format!("{name} may not read them: {error}");
        let help = lacking(collections.credentials, self.run.environment());
        if collections.needs_campaigns() {
            self.failed("campaigns", Error::new(Meaning::Denied, found).help(help));
        } else {
            self.warning("campaigns", found, Some(help));
        }
    }

    /// The other collections that these credentials may not read: what the manifests need, then the rest.
    fn refused(&mut self, collections: &Collections<'_>, access: &Access) {
        let campaigns = campaigns();
        let (main, others): (Vec<_>, Vec<_>) = access
            .refused
            .iter()
            .partition(|(kind, _)| Some(*kind) == campaigns);
        let (needed, rest): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|(kind, _)| collections.needs(*kind));
        let name = collections.credentials.name();
        for (refused, is_needed) in [(needed, true), (rest, false)] {
            let Some((_, error)) = refused.first() else {
                continue;
            };
            let kinds = names(refused.iter().map(|(kind, _)| kind));
            let (found, help) = if main.is_empty() {
                let help = lacking(collections.credentials, self.run.environment());
                (format!("{name} may not read {kinds}: {error}"), Some(help))
            } else {
                (format!("{name} may not read {kinds} either"), None)
            };
            if is_needed {
                let error = Error::new(Meaning::Denied, found);
                self.failed("collections", Error { help, ..error });
            } else {
                self.warning("collections", found, help);
            }
        }
    }

    /// What these credentials can read: by name when that is not everything.
    fn readable(&mut self, collections: &Collections<'_>, access: &Access) {
        let tops = access.readable.iter();
        let tops: Vec<_> = tops.filter(|kind| kind.def().parent.is_none()).collect();
        let read = match (tops.as_slice(), access.refused.as_slice()) {
            ([], _) => return,
            (tops, []) => tops.len().to_string(),
            (tops, _) => names(tops.iter().copied()),
        };
        let name = collections.credentials.name();
        self.ok("collections", format!("{name} can read {read}"));
    }

    /// Counts what lies inside the objects of another kind.
    async fn inner(
        &mut self,
        collections: &Collections<'_>,
        access: &mut Access,
        kind: KindId,
        parents: &[Value],
    ) {
        let mut rows = Vec::new();
        for parent in parents.iter().take(PARENTS) {
            let Some(id) = parent.get("id").and_then(RemoteId::from_wire) else {
                continue;
            };
            match collections.client.list(kind, Some(&id)).await {
                Ok(found) => rows.extend(found),
                Err(api::ApiError::NotFound(_)) => {} // deleted since it was listed
                Err(error) => return self.unread(collections, access, kind, error),
            }
        }
        let is_whole = parents.len() <= PARENTS;
        access.readable.push(kind);
        if is_whole {
            access.held.insert(kind, names_of(kind, &rows));
        }
        self.offer(kind, &rows, collections.needs(kind), is_whole);
    }

    fn offer(&mut self, kind: KindId, rows: &[Value], needed: bool, is_whole: bool) {
        let def = kind.def();
        let Some(collection) = def.collection else {
            return;
        };
        let names = match def.role {
            Role::Reference => names_of(kind, rows),
            _ => Vec::new(),
        };
        self.examination.offers.push(KindCount {
            kind: def.name,
            objects: is_whole.then_some(rows.len()),
            system: is_whole.then(|| rows.iter().filter(|row| collection.is_system(row)).count()),
            needed,
            names,
        });
    }

    /// A collection that cannot be read. A refusal is told later, with the others; anything else is a failure if the
    /// manifests need it.
    fn unread(
        &mut self,
        collections: &Collections<'_>,
        access: &mut Access,
        kind: KindId,
        error: api::ApiError,
    ) {
        let needed = collections.needs(kind);
        self.examination.offers.push(KindCount {
            kind: kind.name(),
            objects: None,
            system: None,
            needed,
            names: Vec::new(),
        });
        if matches!(
            error,
            api::ApiError::Denied(_) | api::ApiError::Unauthenticated(_)
        ) {
            return access.refused.push((kind, error));
        }
        let error = Error::from(error).context(kind.name());
        if needed {
            self.failed("collections", error);
        } else {
            self.warning("collections", error.message, error.help);
        }
    }
}

impl Access {
    /// The refusal of a host that knows nothing of the account: all that was asked there is 401. Then the fault is not
    /// one of privileges.
    fn stranger(&self) -> Option<&(KindId, api::ApiError)> {
        let service = |kind: KindId| kind.def().collection.map(|it| it.service);
        let main = service(campaigns()?);
        let is_main = |kind: KindId| service(kind) == main;
        let is_unknown = |(_, error): &(KindId, api::ApiError)| {
            matches!(error, api::ApiError::Unauthenticated(_))
        };
        let mut refused = self.refused.iter().filter(|(kind, _)| is_main(*kind));
        let is_closed = !self.readable.iter().copied().any(is_main);
        (is_closed && refused.clone().all(is_unknown))
            .then(|| refused.next())
            .flatten()
    }
}

fn names<'k>(kinds: impl Iterator<Item = &'k KindId>) -> String {
    kinds.map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

fn lies_in(kind: KindId, around: KindId) -> bool {
    let parent = kind.def().parent.as_ref();
    parent.is_some_and(|parent| KindId::known(parent.kind) == around)
}

/// The display names of rows.
fn names_of(kind: KindId, rows: &[Value]) -> Vec<String> {
    let key = kind.def().collection.map_or("name", |it| it.name_key);
    let name = |row: &Value| Some(row.get(key)?.as_str()?.to_owned());
    rows.iter().filter_map(name).collect()
}
