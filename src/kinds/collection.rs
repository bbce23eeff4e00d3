//! Where and how a kind lives on the wire: all that client and sandbox have to know of a collection.

use serde_json::Value;

/// The service of the vendor that holds a collection (platform.md#services).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Account config, looked up as `accountConfigReadWrite`.
    AccountConfig,
    /// The proactive handoff list, which the service look-up does not know.
    Handoff,
}

/// How ids look on the wire (platform.md#values).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// A JSON number of about ten digits.
    Number,
    /// A UUID string.
    Uuid,
    /// `H` and digits.
    Handoff,
}

/// How an item is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateForm {
    /// PUT on the item.
    Item,
    /// PUT on the collection with an array of whole objects (platform.md#special-occasion), the only documented form there.
    CollectionArray,
}

/// The published body of a refusal to delete what is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The `type` of the body.
    pub body_type: &'static str,
    /// The `message`, up to the list of who uses the object.
    pub message: &'static str,
}

/// Where and how a kind lives on the wire. Client and sandbox share this, and nothing else.
#[derive(Debug)]
pub struct Collection {
    /// The service that holds it.
    pub service: Service,
    /// The path below the service's prefix; `{parent}` stands for the parent's id.
    pub path: &'static str,
    /// The `v` of every call.
    pub version: &'static str,
    /// The role of those whom the platform lets in, for messages (platform.md#roles).
    pub role: &'static str,
    /// The form of ids.
    pub id: IdForm,
    /// The key that holds the display name: `name`, or `client_name`.
    pub name_key: &'static str,
    /// The fields that the bare list holds; `None` when the list holds whole items.
    pub summary: Option<&'static [&'static str]>,
    /// The query parameter that asks for a whole row; `None` when there is no other form of it (platform.md#query-parameters).
    pub whole_query: Option<(&'static str, &'static str)>,
    /// Whether the usual list lacks parts of an item. Each needed item is read on its own then, unless the account answers
    /// with whole rows where it is asked for them.
    pub read_items: bool,
    /// Keys of the item that embed the rows of a child kind, which the server fills.
    pub embeds: Option<&'static str>,
    /// The key of the item that holds the ids of those rows.
    pub embedded_ids: Option<&'static str>,
    /// The key of the item that holds the revision of those rows.
    pub embedded_revision: Option<&'static str>,
    /// What the server assigns, as dotted paths: never written by us, never compared, never exported.
    pub server_assigned: &'static [&'static str],
    /// Of these, the key of the last change.
    pub changed: &'static str,
    /// Of these, the keys that differ at every read.
    pub volatile: &'static [&'static str],
    /// Keys that the platform takes or has, and that its answers do not hold (platform.md#engagement,
    /// platform.md#engagement-window, platform.md#app-installation).
    pub unreturned: &'static [&'static str],
    /// What marks a row of the vendor's own, never owned, changed or deleted: dotted paths of which any is
    /// `true`, or `path=json` for another value, `type=1`.
    pub system_flags: &'static [&'static str],
    /// What tells a row of the vendor's own that bears none of the keys of `system_flags`: all of these hold. A
    /// null stands for a key that is not there.
    pub system_unmarked: &'static [&'static str],
    /// The names that the vendor's own row has on some account or other, for kinds that have one such row.
    pub system_names: &'static [&'static str],
    /// Keys that hold secrets (dotted paths): dropped as soon as a row is read.
    pub secrets: &'static [&'static str],
    /// What a create sends besides the fields: key and JSON.
    pub create_constants: &'static [(&'static str, &'static str)],
    /// The status of a successful create: 201, or 200 for special occasions.
    pub create_status: u16,
    /// Whether two live rows may not share a name.
    pub unique_name: bool,
    /// A flag that one live row may bear at most: the newest bearer takes it over (platform.md#special-occasion).
    pub exclusive_flag: Option<&'static str>,
    /// How an item is replaced.
    pub update: UpdateForm,
    /// How the platform refuses to delete an item that is in use, where that is known (platform.md#objects-in-use).
    pub in_use: Option<InUse>,
    /// The rows that a new account holds, without ids, as JSON texts.
    pub system_rows: &'static [&'static str],
    /// The row that a proactive send makes, without id and name, as a JSON text (platform.md#proactive-sends).
    pub proactive_row: Option<&'static str>,
}

impl Collection {
    /// The usual account-config collection; a kind changes what differs.
    #[must_use]
    pub const fn account_config(path: &'static str, version: &'static str) -> Self {
        Self {
            service: Service::AccountConfig,
            path,
            version,
            role: "Campaign Manager or Administrator",
            id: IdForm::Number,
            name_key: "name",
            summary: None,
            whole_query: None,
            read_items: false,
            embeds: None,
            embedded_ids: None,
            embedded_revision: None,
            server_assigned: &["id", "deleted", "createdDate", "modifiedDate"],
            changed: "modifiedDate",
            volatile: &[],
            unreturned: &[],
            system_flags: &["systemDefault", "isSystemDefault"],
            system_unmarked: &[],
            system_names: &[],
            secrets: &[],
            create_constants: &[],
            create_status: 201,
            unique_name: false,
            exclusive_flag: None,
            update: UpdateForm::Item,
            in_use: None,
            system_rows: &[],
            proactive_row: None,
        }
    }

    /// The query parameter that asks for a whole row: what a collection with summaries takes unless it says otherwise.
    #[must_use]
    pub fn asks_for_all(&self) -> Option<(&'static str, &'static str)> {
        let usual = self.summary.map(|_| ("select", "$all"));
        self.whole_query.or(usual)
    }

    /// Drops the secrets of a row.
    pub fn drop_secrets(&self, body: &mut Value) {
        for path in self.secrets {
            super::mapping::take_path(body, path);
        }
    }

    /// Whether a row is one of the vendor's own.
    #[must_use]
    pub fn is_system(&self, body: &Value) -> bool {
        let is_marked = self.system_flags.iter().any(|mark| holds(body, mark));
        is_marked || (self.lacks_marks(body) && self.looks_like_the_vendors(body))
    }

    /// Whether a row bears none of the keys that mark rows of the vendor's.
    fn lacks_marks(&self, body: &Value) -> bool {
        let mut flags = self.system_flags.iter();
        flags.all(|mark| super::mapping::get_path(body, condition(mark).0).is_none())
    }

    fn looks_like_the_vendors(&self, body: &Value) -> bool {
        let marks = self.system_unmarked;
        !marks.is_empty() && marks.iter().all(|mark| holds(body, mark))
    }
}

/// The dotted path of a mark, and the JSON that is to be found there.
fn condition(mark: &str) -> (&str, &str) {
    mark.split_once('=').unwrap_or((mark, "true"))
}

fn holds(body: &Value, mark: &str) -> bool {
    let (path, json) = condition(mark);
    let found = super::mapping::get_path(body, path).unwrap_or(&Value::Null);
    super::mapping::same(found, &super::mapping::parse_literal(json))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::kinds::{ALL, KindId};

    fn is_system(kind: &'static str, body: &Value) -> bool {
        let collection = KindId::known(kind).def().collection.unwrap();
        collection.is_system(body)
    }

    #[test]
    fn the_vendors_conditions_are_known_with_and_without_their_marks() {
        for (kind, body, wanted) in [
            ("TargetAudience", json!({"isSystemDefault": true}), true),
            ("TargetAudience", json!({"conditionBoxTypes": [0]}), true),
            (
                "TargetAudience",
                json!({"conditionBoxTypes": [0, 4]}),
                false,
            ),
            (
                "TargetAudience",
                json!({"isSystemDefault": false, "conditionBoxTypes": [0]}),
                false,
            ),
            ("Behavior", json!({"conditionBoxTypes": [0]}), true),
            ("Behavior", json!({"conditionBoxTypes": [5]}), false),
            ("EntryPoint", json!({"conditionBoxTypes": [0]}), true),
            (
                "EntryPoint",
                json!({"conditionBoxTypes": [0], "appInstallationId": "x"}),
                false,
            ),
            (
                "EntryPoint",
                json!({"systemDefault": false, "conditionBoxTypes": [0]}),
                false,
            ),
        ] {
            assert_eq!(is_system(kind, &body), wanted, "{kind} {body}");
        }
    }

    #[test]
    fn the_vendors_goal_and_windows_are_known_with_and_without_their_marks() {
        for (kind, body, wanted) in [
            ("Goal", json!({"type": 4, "indicatorType": 3}), true),
            (
                "Goal",
                json!({"type": 4.0, "indicatorType": 3, "systemDefault": true}),
                true,
            ),
            (
                "Goal",
                json!({"type": 4, "indicatorType": 3, "systemDefault": false}),
                false,
            ),
            (
                "Goal",
                json!({"type": 4, "indicatorType": 3, "indicatorValue": {}}),
                false,
            ),
            ("EngagementWindow", json!({"id": 9_999_999_999_u64}), true),
            (
                "EngagementWindow",
                json!({"id": 5, "json": {"themeId": "harmony"}}),
                false,
            ),
            (
                "EngagementWindow",
                json!({"json": {"winConfMetadata": {"isBase": true}}}),
                true,
            ),
            (
                "EngagementWindow",
                json!({"json": {"winConfMetadata": {"isTemplateDefault": true}}}),
                true,
            ),
            (
                "EngagementWindow",
                json!({"json": {"winConfMetadata": {"isBase": false}}}),
                false,
            ),
        ] {
            assert_eq!(is_system(kind, &body), wanted, "{kind} {body}");
        }
    }

    #[test]
    fn the_rows_of_a_new_account_are_the_vendors_and_have_known_names() {
        for def in ALL.iter().filter(|def| def.has_vendor_row()) {
            let collection = def.collection.unwrap();
            for text in collection.system_rows {
                let row: Value = serde_json::from_str(text).unwrap();
                assert!(collection.is_system(&row), "{} {row}", def.name);
                let name = row[collection.name_key].as_str().unwrap();
                assert!(def.is_vendor_name(name), "{} {name}", def.name);
            }
        }
    }
}
