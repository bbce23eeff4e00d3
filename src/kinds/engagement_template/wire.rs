//! The field table of EngagementTemplate. It has no wire side; the rows are those of the engagements that
//! it is expanded into.

use crate::kinds::field::{Codec, Field, concat, field};
use crate::kinds::shared::appearance;

pub(super) const FIELDS: &[Field] =
    &concat::<{ OWN.len() + appearance::FIELDS.len() }>(OWN, appearance::FIELDS);

const OWN: &[Field] = &[field("extends", "", Codec::Ref("EngagementTemplate"))];
