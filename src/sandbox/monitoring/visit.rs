//! The Visit Information call: what the platform makes of a session (platform.md#visit-information).

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::decide::{Candidate, VisitorDecider};
use super::session::KeptSession;
use super::world::{Library, ServedWorld};
use super::{VERSION, session};
use crate::kinds::{KindDef, VisitWord};
use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows::StoredRow;

/// `GET /api/account/{acct}/monitoring/visitors/{vid}/visits/current/state`.
pub(in crate::sandbox) fn visit(
    emulator: &Emulator,
    call: &IncomingCall,
    visitor: &str,
) -> Result<Reply, RefusedRequest> {
    if call.method != Method::GET {
        return Err(RefusedRequest::method_not_allowed(
            "only GET is served here",
        ));
    }
    let version = call.param("v").unwrap_or_default();
    if !["1", "1.0"].contains(&version) {
        let message = format!("version `{version}` is not supported, use v=1");
        return Err(RefusedRequest::coded(
            StatusCode::BAD_REQUEST,
            VERSION,
            message,
        ));
    }
    let monitoring = &emulator.monitoring;
    let now = monitoring.now(emulator);
    let session = session::given(call, "sid");
    let found = monitoring.sessions.find(
        visitor,
        session,
        now,
        emulator.settings.conduct.sessions_run_at_end,
    );
    let kept = found.ok_or_else(RefusedRequest::no_data)?;
    let body = emulator.store.read(|tx| {
        let world = ServedWorld::served(emulator, tx)?;
        let decider = VisitorDecider {
            emulator,
            world: &world,
            app_installation: &kept.app,
            visitor,
            facts: &kept.facts,
            now,
        };
        Ok::<_, RefusedRequest>(state(&decider, &kept))
    })?;
    Ok(Reply::ok(body))
}

fn state(decider: &VisitorDecider<'_>, kept: &KeptSession) -> Value {
    let (mut session, mut page) = (Map::new(), Map::new());
    for library in decider.world.libraries.values() {
        let Some(VisitWord { word, is_of_page }) = library.def.visit_word else {
            continue;
        };
        let active = revisions(library, decider.active(library));
        let part = if is_of_page { &mut page } else { &mut session };
        part.insert(format!("revActive{word}"), active);
        let all = revisions(library, library.rows.values());
        session.insert(format!("revAll{word}"), all);
    }
    let share = decider.emulator.settings.account_control_group;
    let site = if share > 0.0 {
        group(decider.is_in_account_control_group())
    } else {
        "NA"
    };
    page.insert("id".to_owned(), kept.facts.pages.len().to_string().into());
    let engagements = decider
        .eligible()
        .into_iter()
        .filter(|it| is_listed(kept, it));
    let engagements: Vec<Value> = engagements.map(|it| engagement(decider, &it)).collect();
    session.insert("id".to_owned(), kept.id.as_str().into());
    session.insert("siteControlGroup".to_owned(), site.into());
    session.insert("pages".to_owned(), json!([page]));
    session.insert("engagements".to_owned(), engagements.into());
    json!({ "id": kept.id, "appSessions": [session] })
}

/// What was shown, and what the control group of a campaign keeps from being shown.
fn is_listed(kept: &KeptSession, candidate: &Candidate<'_>) -> bool {
    let mut shown = kept.shown.iter();
    candidate.is_withheld || shown.any(|[_, engagement, _]| *engagement == candidate.row.id)
}

fn group(is_inside: bool) -> &'static str {
    if is_inside { "CONTROL" } else { "TEST" }
}

fn engagement(decider: &VisitorDecider<'_>, candidate: &Candidate<'_>) -> Value {
    let Candidate {
        parent,
        row,
        is_withheld,
    } = candidate;
    let body = |key: &str| row.body.get(key).cloned();
    let mut entity = entity(decider, (parent.child_def, row), parent.child_revision);
    let skill = body("skillId").unwrap_or_else(|| (-1).into());
    let name = body("skillName").unwrap_or_default();
    entity["engagementSkill"] = json!({ "skillId": skill, "skillName": name });
    json!({ "engagement": {
        "campaignControl": group(*is_withheld),
        "campaignEntity": self::entity(decider, (parent.def, &parent.row), parent.revision),
        "engagementEntity": entity,
    } })
}

/// A row with what it refers to and is active.
fn entity(
    decider: &VisitorDecider<'_>,
    (def, row): (&'static KindDef, &StoredRow),
    revision: i64,
) -> Value {
    let id = row.body.get("id").cloned().unwrap_or_default();
    let mut entity = json!({ "id": id, "revision": revision });
    for (library, ids) in decider.listed(def, row) {
        let Some(VisitWord { word, .. }) = library.def.visit_word else {
            continue;
        };
        let active = decider.active(library).filter(|row| ids.contains(&row.id));
        entity[format!("active{word}")] = revisions(library, active);
    }
    entity
}

/// Rows by id, each with the revision of its collection.
fn revisions<'r>(library: &Library, rows: impl Iterator<Item = &'r StoredRow>) -> Value {
    let rows = rows.map(|row| (row.id.clone(), json!({ "revision": library.revision })));
    Value::Object(rows.collect())
}
