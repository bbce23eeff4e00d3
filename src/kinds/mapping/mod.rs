//! Spec to wire and back, driven by the field tables.
//!
//! Three operations, each the same for every kind:
//! - [`overlay`] puts declared spec fields on a wire body and leaves the rest of it alone; on an empty
//!   body this is lowering.
//! - [`lift()`] turns a wire body into a spec. What no field takes ends up under `extra`, verbatim.
//! - [`canonical()`] lowers and lifts declared fields, so that two spellings of one value compare equal.
//!
//! Nothing is lost: a wire value that a codec cannot read stays in `extra`, unknown numbers stay numbers.
//! For every body of the server's, `create_body(without_defaults(lift(body)))` is that body again, but for
//! server-assigned keys, top-level nulls and the order of id sets; a property test holds us to it.

mod canonical;
mod compare;
mod defaults;
mod items;
mod keep;
mod lift;
mod lower;
mod merge;
mod modernize;
mod notes;
mod open;
mod paths;
mod shape;
mod take;
mod three_way;

pub use canonical::{canonical, in_table_order};
pub use compare::{
    Comparison, Difference, compare, counterpart, is_like, list_key, same, tells_apart,
};
pub(super) use defaults::parse_literal;
pub use defaults::{with_defaults, without_defaults};
pub use items::named_in;
pub(super) use items::partner;
pub use keep::{Missing, drop_kept, keeps, with_kept};
pub(super) use lift::lift_object;
pub use lift::{drop_server_assigned, lift, lift_once, lift_whole};
pub(super) use lower::overlay_object;
pub use lower::{create_body, overlay};
pub use merge::{carried_over, join, merge, merge_specs, written_over};
pub use modernize::modernized;
pub use notes::{carry_notes, notes, notes_at, renew_notes, with_notes, without_notes};
pub use open::{KEEP_KEY, OpenReference, REF_KEY, keep, kept, open_reference};
pub use paths::{get_path, set_path, take_path};
pub use shape::is_open;
pub use take::{Declared, HeldWrite, taken};
pub use three_way::{let_go, restored};

/// The spec field that carries wire keys without a field of their own.
pub const EXTRA: &str = "extra";

/// The key of the marker that stands for the id of an object still to be created: `{$pending: name}`.
pub const PENDING_KEY: &str = "$pending";
