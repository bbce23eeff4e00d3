//! What a condition of an entry point means, where its payload is not known (platform.md#entry-point).

use crate::kinds::shared::means::{AnyOf, TextMatch, facts};

facts! {
    /// Where the visitor is. All facts that are given must hold; several values of one fact are alternatives.
    pub struct EntryPointFacts {
        /// The name of the section.
        section as "section": AnyOf<TextMatch>,
        /// The address of the page. Web only.
        url as "url": AnyOf<TextMatch>,
    }
}
