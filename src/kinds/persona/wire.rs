//! The field table of Persona. It has no wire side.

use crate::kinds::field::{Codec, Field, field};

pub(super) const FIELDS: &[Field] = &[
    field("description", "", Codec::Text),
    field("attributes", "", Codec::Json),
];
