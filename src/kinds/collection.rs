//! Where and how a kind lives on the wire: all that client and sandbox have to know of a collection.

use serde_json::Value;

/// The service of the vendor that holds a collection (wire section 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Account config, looked up as `accountConfigReadWrite`.
    AccountConfig,
    /// The proactive handoff list, which the service look-up does not know.
    Handoff,
}

/// How ids look on the wire (wire section 3.11).
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
    /// PUT on the collection with an array of whole objects (wire section 4.8), the only documented form there.
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
    /// The role of those whom the platform lets in, for messages (wire section 2.4).
    pub role: &'static str,
    /// The form of ids.
    pub id: IdForm,
    /// The key that holds the display name: `name`, or `client_name`.
    pub name_key: &'static str,
    /// The fields that the bare list holds; `None` when the list holds whole items.
    pub summary: Option<&'static [&'static str]>,
    /// The query parameter that asks for a whole row; `None` when there is no other form of it (wire section 3.2).
    pub whole_query: Option<(&'static str, &'static str)>,
    /// Whether even a full list lacks parts of an item, so that each needed item is read on its own.
    pub read_items: bool,
    /// Keys of the item that embed the rows of a child kind, which the server fills.
    pub embeds: Option<&'static str>,
    /// What the server assigns, as dotted paths: never written by us, never compared, never exported.
    pub server_assigned: &'static [&'static str],
    /// Of these, the keys that differ at every read.
    pub volatile: &'static [&'static str],
    /// Keys that the platform takes or has, and that its answers do not hold (wire sections 4.2, 4.7 and 4.12).
    pub unreturned: &'static [&'static str],
    /// What marks a row of the vendor's own, never deleted: dotted paths of which any is `true`, or
    /// `path=json` for another value, `type=1`.
    pub system_flags: &'static [&'static str],
    /// Keys that hold secrets (dotted paths): dropped as soon as a row is read.
    pub secrets: &'static [&'static str],
    /// What a create sends besides the fields: key and JSON.
    pub create_constants: &'static [(&'static str, &'static str)],
    /// The status of a successful create: 201, or 200 for special occasions.
    pub create_status: u16,
    /// Whether two live rows may not share a name.
    pub unique_name: bool,
    /// A flag that one live row may bear at most: the newest bearer takes it over (wire section 4.8).
    pub exclusive_flag: Option<&'static str>,
    /// How an item is replaced.
    pub update: UpdateForm,
    /// How the platform refuses to delete an item that is in use, where that is known (platform.md#objects-in-use).
    pub in_use: Option<InUse>,
    /// The rows that a new account holds, without ids, as JSON texts.
    pub system_rows: &'static [&'static str],
    /// The row that a proactive send makes, without id and name, as a JSON text (wire section 6).
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
            server_assigned: &["id", "deleted", "createdDate", "modifiedDate"],
            volatile: &[],
            unreturned: &[],
            system_flags: &["systemDefault", "isSystemDefault"],
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
        self.system_flags.iter().any(|flag| {
            let (path, json) = flag.split_once('=').unwrap_or((flag, "true"));
            super::mapping::get_path(body, path) == Some(&super::mapping::parse_literal(json))
        })
    }
}
