//! Configuration as code for LivePerson Conversational Cloud.
//!
//! A team keeps its campaigns, engagements, their libraries and its In-App handoffs as YAML in git. `plan`
//! shows what differs from the live account, `apply` makes the account match. This page is the tour of the
//! code; the book in `docs/` is the manual of the program.
//!
//! # The passes
//!
//! Everything is a pass over data, named after its module, and each pass changes the type of what it gets:
//!
//! ```text
//! Sources -> Manifests -> Desired (+ Inventory + Ledger) -> Changes -> Plan -> Outcome
//! ```
//!
//! In reading order:
//!
//! 1. [`load`] finds and reads files into sources; [`text`] makes values of them, with a span for every node.
//! 2. [`manifest`] reads the envelope of every document: kind, name, labels, lifecycle.
//! 3. [`resolve`] merges the overlays of an environment and fills in its variables before the manifests are
//!    read; then it brings them together into the desired state and expands templates.
//! 4. [`check`] collects every complaint: JSON Schema, typed parse, references, the rules of each kind. [`diagnose`] adds
//!    what takes more than one document, and puts the complaints of all environments together.
//! 5. [`live`] says what has to be read, and holds what was read as plain data; [`api`] does the reading.
//!    [`select`] narrows the run of a part down.
//! 6. [`diff`] binds manifests to live objects and compares them field by field.
//! 7. [`plan`] orders, guards and freezes the changes. A plan is complete: applying it decides nothing.
//! 8. [`apply`] executes a plan against the account and records it in the [`ledger`].
//! 9. [`report`] renders diagnostics, plans and outcomes for people and programs.
//!
//! [`editor`] runs passes 2 to 4 again and again while somebody types, each time on what an edit has to do with;
//! [`language_server`] speaks the protocol of editors for it.
//!
//! Beside the passes: [`kinds`] knows everything about each kind of object, [`export`] goes from the account
//! to manifests, [`pull`] takes it over into those that are there, [`users`] says who uses an object, [`offers`] who is offered what, [`status`] what an account contains, [`launch`] what is sent once, [`sends`] what became of it, [`project`] is the project file, [`mod@format`] is the layout of
//! both, [`audit`] keeps the record of every write, [`sandbox`] emulates the platform, [`run`] puts it all
//! together, and [`cli`] is the command line, one file per command. A first walk through the code:
//! [`kinds::goal`], [`check`], [`diff`], [`plan`], [`apply`].
//!
//! Passes 2 to 4 and 6 to 7 are pure: same inputs, same bytes. Everything is checked before the first write,
//! and nothing below [`run`] knows of dry runs, because planning only ever gets a reader.
//!
//! # Words
//!
//! One word per idea, the same in code, YAML, commands and documentation.
//!
//! | word | meaning |
//! |---|---|
//! | manifest | one YAML document: `apiVersion`, `kind`, `metadata`, `spec` |
//! | kind | what a manifest describes, such as a Campaign or a Goal; one folder of [`kinds`] each |
//! | name | `metadata.name`: the stable key of a manifest, unique per kind ([`name::Name`]) |
//! | display name | `spec.displayName`: what people see in the console; defaults to the name |
//! | live object | what the account holds, identified by a remote id ([`name::RemoteId`]) |
//! | environment | a named account with overlay, variables and guards: `sandbox`, `staging`, `production` |
//! | ledger | the record of which live object each manifest is bound to, and what was last applied to it |
//! | owned, foreign | a live object that is bound in the ledger; any other |
//! | diagnostic | what is wrong with what is written, with its place, its code and its remedy ([`diag::Diagnostic`]) |
//! | drift | a declared field whose live value differs from the value last applied |
//! | change | what the diff says about one object; a plan is ordered changes, frozen |
//! | guard | what a plan may not do unless that is allowed by name ([`plan::Guard`]) |
//! | step | one write of a plan; publishing a campaign is a step of its own |
//! | scenario, persona | a test of who is offered what; attributes of a visitor, under a name |
//! | visit | a visitor at a place at a time; what it is offered is a set of possible offers |
//! | place, zone | where a visit is: the web, or an app; where on it an engagement competes with others |
//! | rival | an engagement that can be offered in the same zone at the same visit |
//! | impact, shift | what visitors are offered differently after a plan; one such difference |
//! | switch | a fact of the platform that is only inferred, with its two positions ([`kinds::offering::Switch`]) |
//! | launch | a send that happens once; never part of apply |
//! | rollout | an apply over many environments; its part of them may be a wave (by their labels) and a shard (by their names) |
//! | journal | the record of each write on its way, beside the ledger: what became of it is found out before the next |
//! | term | how long the lock of a run holds unless it is renewed |
//! | governor | what holds all requests to one account below its rate, whoever makes them |
//! | observed kind | a kind that the platform lets programs read but not write |
//! | wire | the JSON of the platform's APIs; *lowering* goes from spec to wire, *lifting* back |
//! | sandbox | the built-in, durable emulator of the platform's APIs |
//!
//! # Floors
//!
//! Modules use what lies below them, never what lies above. `tests/it/floors.rs` reads the sources and
//! fails on any other edge.
//!
//! | floor | modules | may not |
//! |---|---|---|
//! | F0 | [`text`], [`diag`], [`name`] | use anything above |
//! | F1 | [`kinds`] | name a pass; one kind may not use another kind's module |
//! | F2 | [`manifest`] [`resolve`] [`check`] [`project`] [`mod@format`] [`live`] [`select`] [`diff`] [`export`] [`pull`] [`plan`] [`users`] [`offers`] [`status`] [`ids`] [`launch`] [`sends`] [`diagnose`] | async, network, files, environment, clock; each uses only those before it |
//! | F3 | [`files`] (used by the others), [`load`] [`api`] [`ledger`] [`apply`] [`audit`] [`sandbox`] | print; use each other, but for `apply` with the traits of `api` and `ledger` |
//! | F4 | [`report`] [`editor`] | network, files; `editor` uses `report` |
//! | F5 | [`run`]: one engine for commands, language server, tests and whatever comes | the terminal, the working directory, the environment, exit codes |
//! | F6 | [`language_server`]: a conversation with an editor | the same |
//! | F7 | [`cli`]: commands, arguments, the terminal, the transport of the language server | be used by anything but `main` |
//!
//! The sandbox never uses the client: the two share nothing but the wire contract of [`kinds`], so that
//! neither can cover up for a mistake of the other.

pub mod text;

pub mod diag;
pub mod name;

pub mod kinds;

pub mod manifest;
pub mod resolve;

pub mod check;
pub mod project;

pub mod format;

pub mod live;
pub mod select;
pub mod sends;

pub mod diff;
pub mod export;
pub mod offers;
pub mod plan;
pub mod pull;
pub mod users;

pub mod diagnose;
pub mod ids;
pub mod launch;
pub mod status;

pub mod files;
pub mod load;

pub mod api;
pub mod apply;
pub mod audit;
pub mod ledger;
pub mod sandbox;

pub mod report;

pub mod editor;

pub mod run;

pub mod language_server;

pub mod cli;
