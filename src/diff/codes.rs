//! The codes of binding: what the account says about the manifests.

use crate::diag::{Code, Severity};

/// Two live objects could be meant.
pub const AMBIGUOUS_BINDING: Code = Code {
    name: "ambiguous-binding",
    severity: Severity::Error,
    title: "two live objects have the display name of a manifest",
    why: "A manifest without a ledger entry is bound to the live object with its display name. With two of them the program would have to guess which one to overwrite.",
    wrong: "# two goals named `Checkout done` in the account\nkind: Goal\nspec: { displayName: Checkout done }",
    right: "# rename one of them in the console, or bind the manifest to an id with `campaignctl ledger bind`",
};

/// Two manifests claim one live object.
pub const CLAIMED_TWICE: Code = Code {
    name: "claimed-twice",
    severity: Severity::Error,
    title: "two manifests would be bound to the same live object",
    why: "Both have the display name of one live object, so each apply would overwrite what the other wrote.",
    wrong: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Checkout }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: Checkout }",
    right: "kind: Goal\nmetadata: { name: a }\nspec: { displayName: Checkout }\n---\nkind: Goal\nmetadata: { name: b }\nspec: { displayName: Checkout on the web }",
};

/// A manifest has the display name of a row of the vendor's own.
pub const SYSTEM_ROW: Code = Code {
    name: "system-row",
    severity: Severity::Error,
    title: "a manifest has the display name of a row of the vendor's own",
    why: "Every account holds a few default rows that must not be changed. Refer to one with `{ system: true }` instead of defining it.",
    wrong: "kind: TargetAudience\nspec: { displayName: All visitors }",
    right: "kind: Campaign\nspec: { targetAudiences: [{ system: true }] }",
};

/// A live name that the account does not hold.
pub const UNKNOWN_LIVE_REFERENCE: Code = Code {
    name: "unknown-live-reference",
    severity: Severity::Error,
    title: "no such object exists in the account",
    why: "Skills, lines of business, app installations, connectors and zones, and whatever is referred to with `{ live: .. }` or `{ id: .. }`, must exist in the account before a plan can use them. What a campaign lists in `engagements` must lie inside that campaign: an id of another one shows nothing.",
    wrong: "spec: { skill: Order }",
    right: "spec: { skill: Orders }",
};

/// A live name that two objects have.
pub const AMBIGUOUS_LIVE_REFERENCE: Code = Code {
    name: "ambiguous-live-reference",
    severity: Severity::Error,
    title: "two objects of the account have that name",
    why: "The platform lets some kinds share a name; a reference to one of them would be a guess.",
    wrong: "spec: { goal: { live: Checkout } }",
    right: "spec: { goal: { id: 4100000101 } }",
};

/// A run of a part lacks what its changes need.
pub const SELECTION_INCOMPLETE: Code = Code {
    name: "selection-incomplete",
    severity: Severity::Error,
    title: "a flag leaves out what a selected object needs",
    why: "A change may need another one: the create of what it refers to, the list of the campaign around an engagement, the removal of what still refers to an object that is deleted. `--target` and `--changed-since` include it. Labels and `--exclude` say what must not be touched, so the plan is refused instead of being half carried out.",
    wrong: "# the goal `bought` is not on the account yet\ncampaignctl plan --target Campaign/sale --exclude Goal/bought",
    right: "campaignctl plan --target Campaign/sale",
};

/// A display name that another live object has.
pub const LIVE_NAME_TAKEN: Code = Code {
    name: "live-name-taken",
    severity: Severity::Warning,
    title: "another live object has the display name of an object, or of what it is renamed to",
    why: "Two objects of the account then have the same name. The second may be the work of a create that was held up on its way, and arrived when another run had made the object already. People cannot distinguish them, references by live name become ambiguous, and if the ledger is lost, the program cannot know which of them the manifest means.",
    wrong: "# the account holds a goal `Sale done` that no manifest defines\nkind: Goal\nmetadata: { name: bought } # renamed from `Bought`\nspec: { displayName: Sale done }",
    right: "kind: Goal\nmetadata: { name: bought }\nspec: { displayName: Sale done on the phone }",
};

/// A display name that looks like that of a live object.
pub const LIVE_NAME_ALIKE: Code = Code {
    name: "live-name-alike",
    severity: Severity::Warning,
    title: "a display name differs from that of a live object only in case, blanks or composition",
    why: "A manifest is bound to the live object with exactly its display name. One that differs only in case, blanks or composition is another name, so a second object is created beside the first, which was probably meant.",
    wrong: "# the account holds a goal `Big sale`\nkind: Goal\nspec: { displayName: big sale }",
    right: "kind: Goal\nspec: { displayName: Big sale }",
};

/// A create with a word whose number nothing confirms.
pub const UNCONFIRMED_WORD: Code = Code {
    name: "unconfirmed-word",
    severity: Severity::Warning,
    title: "an object would be created with a word whose number is not confirmed",
    why: "Manifests have words for the platform's numbers. For most of them a page of the vendor, a captured answer or working client code shows the number. For the others there is only a guess, and the number may mean something else to the platform. `campaignctl explain` shows how sure each word is. Nothing is said of objects that exist: they hold the number already.",
    wrong: "kind: Goal\nspec: { displayName: Newsletter joined, type: lead }",
    right: "# look at the created goal in the console; if it is right, waive the rule in `campaignctl.yaml`:\nrules: { unconfirmed-word: off }",
};

/// A value that stays as the account has it, in an object that is to be created.
pub const NOTHING_TO_KEEP: Code = Code {
    name: "nothing-to-keep",
    severity: Severity::Error,
    title: "an object would be created with a value that only exists in another account",
    why: "`export` writes `{ $keep: .. }` for an id that no name expresses, where the object would become something else without it: a condition that lost its skill would hold for every visitor. On the account of the export, and wherever the object exists, `$keep` leaves the value as it is. An account that does not have the object has nothing to keep, so the value has to be given for it, or the manifest has to say that it goes.",
    wrong: "kind: TargetAudience\nspec:\n  conditions:\n    - { type: 9, data: { surveyId: { $keep: survey } } } # this account has no such audience",
    right: "kind: TargetAudience\nspec:\n  conditions:\n    - { type: 9, data: { surveyId: \"${var.survey}\" } }",
};

/// A number that no live condition has.
pub const CONDITION_UNSEEN: Code = Code {
    name: "condition-unseen",
    severity: Severity::Warning,
    title: "a condition has a number that no live object of the account has",
    why: "The numbers of most conditions are not public. A number that a console of the account wrote is known to the platform; one that is typed from memory may mean something else, or nothing, and the platform accepts both. Make such a condition once in the console, and the plan has something to compare with.",
    wrong: "# conditions of audiences of the account have the numbers 0, 3 and 9\nkind: TargetAudience\nspec: { conditions: [{ type: 8, data: { include: [{ customerTypes: [club] }] } }] }",
    right: "kind: TargetAudience\nspec: { conditions: [{ type: 9, data: { include: [{ customerTypes: [club] }] } }] }",
};

/// A payload that no live condition has.
pub const CONDITION_SHAPE: Code = Code {
    name: "condition-shape",
    severity: Severity::Warning,
    title: "a condition has a payload unlike that of any live object of the account",
    why: "The payloads of most conditions are not public either. Other objects of the account have the same number with other keys, or with other types of values. The platform keeps what it is sent, and reads what it knows: a misspelt key is a condition that never holds, or always.",
    wrong: "# the account has `{ include: [{ customerTypes: [text] }] }` for this number\nkind: TargetAudience\nspec: { conditions: [{ type: 9, data: { include: [{ customerType: club }] } }] }",
    right: "kind: TargetAudience\nspec: { conditions: [{ type: 9, data: { include: [{ customerTypes: [club] }] } }] }",
};

/// An object that is created while one like it is deleted.
pub const RENAME_UNSAID: Code = Code {
    name: "rename-unsaid",
    severity: Severity::Warning,
    title: "an object is created while one like it is deleted",
    why: "A manifest is bound to its live object by its name, and at first by its display name. Where both change at once, it is another manifest: the live object is deleted with its id and its statistics, and a new one is created. `lifecycle.previousName` says that it is the same.",
    wrong: "# was: metadata: { name: bought }, spec: { displayName: Something bought }\nkind: Goal\nmetadata: { name: purchase }\nspec: { displayName: A purchase }",
    right: "kind: Goal\nmetadata: { name: purchase }\nspec: { displayName: A purchase }\nlifecycle: { previousName: bought }",
};

/// The codes of this pass.
pub const CODES: &[&Code] = &[
    &AMBIGUOUS_BINDING,
    &CLAIMED_TWICE,
    &SYSTEM_ROW,
    &UNKNOWN_LIVE_REFERENCE,
    &AMBIGUOUS_LIVE_REFERENCE,
    &SELECTION_INCOMPLETE,
    &LIVE_NAME_TAKEN,
    &LIVE_NAME_ALIKE,
    &UNCONFIRMED_WORD,
    &NOTHING_TO_KEEP,
    &CONDITION_UNSEEN,
    &CONDITION_SHAPE,
    &RENAME_UNSAID,
];
