//! The codes of the structural checks: what the schemas say about a manifest, and what its envelope says of others.

use crate::diag::{Code, Severity};

/// A field that the schema does not know.
pub const UNKNOWN_FIELD: Code = Code {
    name: "unknown-field",
    severity: Severity::Error,
    title: "a field does not exist",
    why: "A misspelt field that is ignored is a change that silently never happens. Wire keys that have no field of their own go under `spec.extra`.",
    wrong: "spec: { displyName: Checkout done }",
    right: "spec: { displayName: Checkout done }",
};

/// A required field that is not there.
pub const MISSING_FIELD: Code = Code {
    name: "missing-field",
    severity: Severity::Error,
    title: "a required field is missing",
    why: "Without it, the object cannot be created, or cannot be distinguished from others.",
    wrong: "kind: Engagement\nspec: { language: en-US }",
    right: "kind: Engagement\nspec: { campaign: autumn-sale, language: en-US }",
};

/// A value of the wrong type.
pub const WRONG_TYPE: Code = Code {
    name: "wrong-type",
    severity: Severity::Error,
    title: "a value has the wrong type",
    why: "Values are never converted by guessing: `\"5\"` is a text and `5` is a number.",
    wrong: "spec: { displayName: [Checkout] }",
    right: "spec: { displayName: Checkout }",
};

/// A value outside of what the field allows.
pub const INVALID_VALUE: Code = Code {
    name: "invalid-value",
    severity: Severity::Error,
    title: "a value is not allowed here",
    why: "The field takes one of a list of words, a text of a given form, or a number in a range; `campaignctl explain KIND.field` shows which.",
    wrong: "spec: { state: publishd }",
    right: "spec: { state: published }",
};

/// A previous name that another manifest has or claims.
pub const PREVIOUS_NAME_TAKEN: Code = Code {
    name: "previous-name-taken",
    severity: Severity::Error,
    title: "a previous name belongs to another manifest",
    why: "`lifecycle.previousName` passes the live object of a renamed manifest on to its new name. While a manifest still has the old name, or two manifests claim it, it is unclear which of them the live object belongs to. Remove `previousName` once the rename has been applied everywhere.",
    wrong: "kind: Goal\nmetadata: { name: bought }\n---\nkind: Goal\nmetadata: { name: purchase }\nlifecycle: { previousName: bought }",
    right: "kind: Goal\nmetadata: { name: purchase }\nlifecycle: { previousName: bought }",
};

/// Two manifests with one display name.
pub const DISPLAY_NAME_TWICE: Code = Code {
    name: "display-name-twice",
    severity: Severity::Warning,
    title: "two manifests of a kind have the same display name",
    why: "People in the console cannot distinguish the two objects. If the ledger is lost, the program cannot either: it binds manifests to live objects by display name, and with two of the same name it would have to guess.",
    wrong: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Sale done }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: Sale done }",
    right: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Sale done }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: Sale done on the phone }",
};

/// Two manifests whose display names look the same.
pub const DISPLAY_NAME_ALIKE: Code = Code {
    name: "display-name-alike",
    severity: Severity::Warning,
    title: "two display names differ only in case, blanks or composition",
    why: "For the program these are two names and two objects; people see the same name twice. Usually a typo, or an `é` that one editor writes as one character and another one as two.",
    wrong: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Big sale }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: big sale }",
    right: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Big sale }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: Big sale on the phone }",
};

/// Two manifests with a flag that one object of an account bears.
pub const FLAG_TWICE: Code = Code {
    name: "flag-twice",
    severity: Severity::Error,
    title: "two manifests claim a flag that an account has once",
    why: "An account has one default window and one default special occasion: whichever is written last takes the flag from the other one, so that no plan would ever be empty.",
    wrong: "kind: EngagementWindow\nmetadata: { name: a }\nspec: { default: true }\n---\nkind: EngagementWindow\nmetadata: { name: b }\nspec: { default: true }",
    right: "kind: EngagementWindow\nmetadata: { name: a }\nspec: { default: true }\n---\nkind: EngagementWindow\nmetadata: { name: b }",
};

/// A row of the vendor's by one of its names.
pub const VENDOR_ROW_BY_NAME: Code = Code {
    name: "vendor-row-by-name",
    severity: Severity::Warning,
    title: "a row of the vendor's is referred to by its name",
    why: "Every account holds rows that the vendor made: the audience of all visitors, the behavior and the entry point that always hold, a goal, a window. Their names differ from account to account, `Any behavior` here and `All behaviors` there, so a reference by name works on some accounts only. `{ system: true }` is the vendor's row of the kind, whatever its name.",
    wrong: "spec: { targetAudiences: [{ live: All visitors }] }",
    right: "spec: { targetAudiences: [{ system: true }] }",
};

/// An id of a row of one account, in a place that is not a reference.
pub const ACCOUNT_ID: Code = Code {
    name: "account-id",
    severity: Severity::Warning,
    title: "a manifest holds an id of one account",
    why: "Ids differ from account to account: the id of a survey here is unknown there, or is another survey. Objects that have a kind are referred to by name. Surveys, forms and other rows without a kind have only their ids, so a manifest that serves several accounts says them per environment: in an overlay, or by a variable. `export` leaves them out.",
    wrong: "kind: EngagementWindow\nspec: { style: { surveyPreChatId: \"4100007001\" } }",
    right: "kind: EngagementWindow\nspec: { style: { surveyPreChatId: \"${var.preChatSurvey}\" } }",
};

/// A reference by id, in a project of several accounts.
pub const REFERENCE_BY_ID: Code = Code {
    name: "reference-by-id",
    severity: Severity::Warning,
    title: "a reference by id in a project of several accounts",
    why: "`{ id: .. }` refers to an object of one account. In another account the id is unknown, or is another object. The warning is given when the environments of the project have different accounts, and not for what an overlay or a variable says, since that is said per environment.",
    wrong: "spec: { goal: { id: 4100000101 } }",
    right: "spec: { goal: { live: Checkout done } }",
};

/// A `$ref` or `$keep` of no form.
pub const OPEN_JSON_FORM: Code = Code {
    name: "open-json-form",
    severity: Severity::Error,
    title: "a `$ref` or `$keep` in open JSON is of no form",
    why: "In open JSON, `{ $ref: <name>, kind: <kind> }` is replaced by the id of a Skill, LineOfBusiness, AppInstallation, Connector or Zone, `as: text` beside it where the platform has the id as a text; and `{ $keep: <what> }` leaves what the account holds in its place. Anything else with such a key would reach the platform as it is written. `extra` takes no `$ref`.",
    wrong: "kind: EngagementWindow\nspec: { style: { quickReplies: [{ text: Orders, skillId: { $ref: Orders } }] } }",
    right: "kind: EngagementWindow\nspec: { style: { quickReplies: [{ text: Orders, skillId: { $ref: Orders, kind: Skill } }] } }",
};

/// A key below `extra` that has a field of its own.
pub const EXTRA_OF_FIELD: Code = Code {
    name: "extra-of-field",
    severity: Severity::Error,
    title: "`extra` holds a key of the platform that has a field of its own",
    why: "`extra` is for keys without a field. Guards, plans and comparisons look at fields: a campaign that is published by `extra` would be published past the guards. What the platform assigns itself, such as ids and revisions, is never written. `export` keeps a value in `extra` that no field can say.",
    wrong: "kind: Campaign\nspec: { extra: { status: 1 } }",
    right: "kind: Campaign\nspec: { state: published }",
};

/// A null that the account fills.
pub const NULL_IS_FILLED: Code = Code {
    name: "null-is-filled",
    severity: Severity::Error,
    title: "a null asks for a field to be absent that the account always holds",
    why: "The platform answers a value where nothing was written. A manifest that says null differs from the account for ever: every plan shows the field, and every apply warns that the account did not take it.",
    wrong: "kind: Engagement\nspec: { type: embedded, availabilityForMessaging: null }",
    right: "kind: Engagement\nspec: { type: embedded, availabilityForMessaging: always }",
};

/// A variable without `var.`.
pub const VARIABLE_WITHOUT_VAR: Code = Code {
    name: "variable-without-var",
    severity: Severity::Warning,
    title: "text that looks like a variable but is not one",
    why: "Variables are written `${var.name}`. `${NAME}`, as shells and other tools write it, is ordinary text and would be shown to people. Write `$${NAME}` if you mean the text.",
    wrong: "spec: { displayName: \"${BRAND} sale\" }",
    right: "spec: { displayName: \"${var.brand} sale\" }",
};

/// The codes of the structural checks, and of what a manifest's `lifecycle` says.
pub const CODES: &[&Code] = &[
    &UNKNOWN_FIELD,
    &MISSING_FIELD,
    &WRONG_TYPE,
    &INVALID_VALUE,
    &PREVIOUS_NAME_TAKEN,
    &DISPLAY_NAME_TWICE,
    &DISPLAY_NAME_ALIKE,
    &FLAG_TWICE,
    &VENDOR_ROW_BY_NAME,
    &ACCOUNT_ID,
    &OPEN_JSON_FORM,
    &EXTRA_OF_FIELD,
    &NULL_IS_FILLED,
    &REFERENCE_BY_ID,
    &VARIABLE_WITHOUT_VAR,
];
