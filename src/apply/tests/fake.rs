//! An account in memory: rows, one revision per kind, and faults on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::api::{Address, ApiError, ApiItem, Reader, Writer};
use crate::kinds::KindId;
use crate::name::{RemoteId, Revision};
use crate::text::Pointer;

/// What goes wrong with a write.
pub(super) enum WriteFault {
    /// It is carried out, and the answer is lost.
    LoseAnswer,
    /// The same, and from then on nothing can be read.
    LoseAnswerAndReads,
    /// It is not carried out, and nobody can tell.
    LoseRequest,
    /// It is carried out twice, and the answers are lost.
    Twice,
    /// It is carried out, and somebody else does the same right before.
    Beside,
    /// Somebody else changed another row.
    Conflict,
    /// Somebody else changed this row.
    Race(Value),
    /// A colleague changes this row right before the write arrives.
    Edit(ColleagueEdit),
    /// A colleague deletes this row right before the write arrives.
    Delete,
    /// It is carried out, the answer is lost, and then a colleague changes the row.
    LoseAnswerThenEdit(ColleagueEdit),
    /// It is not carried out, nobody can tell, and then a colleague changes the row.
    LoseRequestThenEdit(ColleagueEdit),
    /// The platform says no.
    Refuse,
    /// The platform stores something else.
    Normalize(Value),
}

/// What a colleague changes.
#[derive(Clone, Debug)]
pub(super) struct ColleagueEdit {
    /// Where.
    pub(super) at: Pointer,
    /// The new value; none to take it away.
    pub(super) value: Option<Value>,
}

impl ColleagueEdit {
    /// Makes the change, where the place is there.
    pub(super) fn make(&self, body: &mut Value) -> bool {
        let (Some(around), Some(key)) = (self.at.parent(), self.at.steps().last()) else {
            return false;
        };
        match (body.pointer_mut(around.as_str()), &self.value) {
            (Some(Value::Object(map)), Some(value)) => drop(map.insert(key, value.clone())),
            (Some(Value::Object(map)), None) => drop(map.shift_remove(&key)),
            (Some(Value::Array(items)), value) => {
                let at: usize = key.parse().unwrap();
                match value {
                    Some(value) if at < items.len() => items[at] = value.clone(),
                    Some(value) => items.push(value.clone()),
                    None if at < items.len() => drop(items.remove(at)),
                    None => {}
                }
            }
            _ => return false,
        }
        true
    }

    /// Whether making it once more would change nothing.
    pub(super) fn is_in(&self, body: &Value) -> bool {
        match &self.value {
            Some(value) => self.at.get(body) == Some(value),
            None => self.at.get(body).is_none_or(Value::is_null),
        }
    }
}

#[derive(Default)]
struct Account {
    rows: BTreeMap<(KindId, RemoteId), Value>,
    revision: u64,
    last_id: u64,
    faults: BTreeMap<String, VecDeque<WriteFault>>,
    log: Vec<String>,
    is_unreadable: bool,
    is_edited: bool,
}

/// An account in memory.
#[derive(Default)]
pub(super) struct Fake {
    account: Mutex<Account>,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl Fake {
    pub(super) fn with(rows: &[(&str, Value)]) -> Self {
        let fake = Self::default();
        for (kind, row) in rows {
            let id = RemoteId::from_wire(&row["id"]).unwrap();
            let mut account = fake.account.lock().unwrap();
            account
                .rows
                .insert((KindId::named(kind).unwrap(), id), row.clone());
        }
        fake
    }

    /// Makes the next writes of an object fail, `("create a", ..)`.
    pub(super) fn fault(self, write: &str, faults: impl IntoIterator<Item = WriteFault>) -> Self {
        let faults = faults.into_iter().collect();
        self.account
            .lock()
            .unwrap()
            .faults
            .insert(write.to_owned(), faults);
        self
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.account.lock().unwrap().log.clone()
    }

    /// Whether a colleague found the place of an edit.
    pub(super) fn is_edited(&self) -> bool {
        self.account.lock().unwrap().is_edited
    }

    pub(super) fn rows(&self) -> Vec<Value> {
        self.account
            .lock()
            .unwrap()
            .rows
            .values()
            .cloned()
            .collect()
    }

    pub(super) fn most_under_way(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Takes some time, so that other steps can run beside this one.
    async fn dawdle(&self) {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    fn take_fault(&self, write: &str) -> Option<WriteFault> {
        let mut account = self.account.lock().unwrap();
        account.log.push(write.to_owned());
        account.faults.get_mut(write)?.pop_front()
    }
}

impl Account {
    fn item(&self, address: &Address) -> Result<ApiItem, ApiError> {
        let row = self.rows.get(&(address.kind, address.id.clone()));
        Ok(ApiItem {
            body: row
                .cloned()
                .ok_or_else(|| ApiError::NotFound("no row".into()))?,
            revision: Revision(self.revision.to_string()),
        })
    }

    fn store(&mut self, kind: KindId, id: RemoteId, mut body: Value) {
        body["id"] = id.to_wire();
        self.revision += 1;
        self.rows.insert((kind, id), body);
    }

    fn edit(&mut self, address: &Address, edit: &ColleagueEdit) -> Result<(), ApiError> {
        let mut body = self.item(address)?.body;
        self.is_edited |= edit.make(&mut body);
        self.store(address.kind, address.id.clone(), body);
        Ok(())
    }

    fn create(&mut self, kind: KindId, body: &Value) -> RemoteId {
        self.last_id = self.last_id.max(4000) + 1;
        let id = RemoteId::from(self.last_id.to_string().as_str());
        self.store(kind, id.clone(), body.clone());
        id
    }

    fn check(&self, address: &Address, revision: &Revision) -> Result<(), ApiError> {
        let now = self.item(address)?.revision;
        if now == *revision {
            return Ok(());
        }
        Err(ApiError::Conflict("stale".into()))
    }
}

fn merged(mut body: Value, patch: &Value) -> Value {
    crate::kinds::mapping::merge(&mut body, patch);
    body
}

impl Reader for Fake {
    async fn list(&self, kind: KindId, _: Option<&RemoteId>) -> Result<Vec<Value>, ApiError> {
        let account = self.account.lock().unwrap();
        if account.is_unreadable {
            return Err(ApiError::Unavailable("no".into()));
        }
        let rows = account.rows.iter().filter(|((of, _), _)| *of == kind);
        Ok(rows.map(|(_, row)| row.clone()).collect())
    }

    async fn get(&self, address: &Address) -> Result<ApiItem, ApiError> {
        self.account.lock().unwrap().item(address)
    }
}

impl Writer for Fake {
    async fn create(
        &self,
        kind: KindId,
        _: Option<&RemoteId>,
        body: &Value,
    ) -> Result<ApiItem, ApiError> {
        let fault = self.take_fault(&format!("create {}", body["name"].as_str().unwrap()));
        self.dawdle().await;
        let mut account = self.account.lock().unwrap();
        let body = match &fault {
            Some(WriteFault::Refuse) => return Err(ApiError::Refused("no".into())),
            Some(WriteFault::LoseRequest) => return Err(ApiError::Lost("timeout".into())),
            Some(WriteFault::Normalize(patch)) => merged(body.clone(), patch),
            _ => body.clone(),
        };
        if matches!(fault, Some(WriteFault::Beside)) {
            account.create(kind, &body);
        }
        let id = account.create(kind, &body);
        match fault {
            Some(WriteFault::Twice) => account.create(kind, &body),
            Some(WriteFault::LoseAnswer) => return Err(ApiError::Lost("timeout".into())),
            Some(WriteFault::LoseAnswerAndReads) => {
                account.is_unreadable = true;
                return Err(ApiError::Lost("timeout".into()));
            }
            _ => {
                return account.item(&Address {
                    kind,
                    parent: None,
                    id,
                });
            }
        };
        Err(ApiError::Lost("timeout".into()))
    }

    async fn update(
        &self,
        address: &Address,
        revision: &Revision,
        body: &Value,
    ) -> Result<ApiItem, ApiError> {
        let fault = self.take_fault(&format!("update {}", address.id));
        self.dawdle().await;
        let mut account = self.account.lock().unwrap();
        match &fault {
            Some(WriteFault::Refuse) => return Err(ApiError::Refused("no".into())),
            Some(WriteFault::LoseRequest) => return Err(ApiError::Lost("timeout".into())),
            Some(WriteFault::Conflict) => account.revision += 1,
            Some(WriteFault::Race(patch)) => {
                let body = merged(account.item(address)?.body, patch);
                account.store(address.kind, address.id.clone(), body);
            }
            Some(WriteFault::Edit(edit)) => account.edit(address, edit)?,
            Some(WriteFault::Delete) => {
                drop(account.rows.remove(&(address.kind, address.id.clone())));
            }
            Some(WriteFault::LoseRequestThenEdit(edit)) => {
                account.edit(address, edit)?;
                return Err(ApiError::Lost("timeout".into()));
            }
            _ => {}
        }
        account.check(address, revision)?;
        account.store(address.kind, address.id.clone(), body.clone());
        match fault {
            Some(WriteFault::LoseAnswer) => Err(ApiError::Lost("timeout".into())),
            Some(WriteFault::LoseAnswerThenEdit(edit)) => {
                account.edit(address, &edit)?;
                Err(ApiError::Lost("timeout".into()))
            }
            _ => account.item(address),
        }
    }

    async fn delete(&self, address: &Address, revision: &Revision) -> Result<(), ApiError> {
        let fault = self.take_fault(&format!("delete {}", address.id));
        self.dawdle().await;
        let mut account = self.account.lock().unwrap();
        match fault {
            Some(WriteFault::LoseRequest) => return Err(ApiError::Lost("timeout".into())),
            Some(WriteFault::Conflict) => account.revision += 1,
            _ => {}
        }
        account.check(address, revision)?;
        account.rows.remove(&(address.kind, address.id.clone()));
        account.revision += 1;
        match fault {
            Some(WriteFault::LoseAnswer) => Err(ApiError::Lost("timeout".into())),
            _ => Ok(()),
        }
    }
}

/// A row of a goal as the account holds it.
pub(super) fn goal(id: u64, name: &str, description: &str) -> (&'static str, Value) {
    let body =
        json!({ "id": id, "name": name, "description": description, "type": 0, "mystery": [1] });
    ("Goal", body)
}
