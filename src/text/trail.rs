//! A place on the way down into a value. Most walks look at many nodes and speak of few, so a [`Pointer`] is made only of those.

use super::Pointer;

/// The node that a walk is at, by the ones around it.
#[derive(Clone, Copy, Debug)]
pub enum Trail<'t> {
    /// Where the walk began.
    From(&'t Pointer),
    /// The value of a key.
    Key(&'t Self, &'t str),
    /// The value of keys inside each other, with dots between them.
    Path(&'t Self, &'t str),
    /// An item of a list.
    Index(&'t Self, usize),
}

impl Trail<'_> {
    /// The pointer to the node.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        match self {
            Self::From(pointer) => (*pointer).clone(),
            Self::Key(around, key) => around.pointer().key(key),
            Self::Path(around, path) => {
                let steps = path.split('.').filter(|step| !step.is_empty());
                steps.fold(around.pointer(), |pointer, key| pointer.key(key))
            }
            Self::Index(around, index) => around.pointer().index(*index),
        }
    }

    /// The last step; nothing where the walk began.
    #[must_use]
    pub fn last(&self) -> String {
        match self {
            Self::From(pointer) => pointer.steps().last().unwrap_or_default(),
            Self::Key(_, key) => (*key).to_owned(),
            Self::Path(_, path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
            Self::Index(_, index) => index.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_the_pointer_that_it_leads_to() {
        let from = Pointer::from("/spec");
        let root = Trail::From(&from);
        let path = Trail::Path(&root, "a.b");
        let item = Trail::Index(&path, 3);
        let key = Trail::Key(&item, "x/y~z.");
        let pointer = from.key("a").key("b").index(3).key("x/y~z.");
        assert_eq!(key.pointer(), pointer);
        for trail in [root, path, item, key] {
            let last = trail.pointer().steps().last().unwrap();
            assert_eq!(trail.last(), last);
        }
        let nowhere = Trail::From(&Pointer::root()).last();
        assert_eq!(nowhere, "");
    }
}
