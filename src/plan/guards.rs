//! The guards in a table: what a plan may not do unless a person says that it is intended.

/// A guard.
#[derive(Debug, PartialEq, Eq)]
pub struct Guard {
    /// Its name in plans, settings and `explain`.
    pub name: &'static str,
    /// The flag that overrides it for one run; none where nothing does.
    pub flag: Option<&'static str>,
    /// What it holds back: a plan that does this.
    pub title: &'static str,
    /// Why it does.
    pub why: &'static str,
}

/// Deletes above the limit of a kind.
pub(super) const MASS_DELETE: Guard = Guard {
    name: "mass-delete",
    flag: Some("--allow-mass-delete"),
    title: "deletes a large share of what it owns of a kind",
    why: "A moved folder or a forgotten path looks like many deletes.",
};

/// Updates above the limit of a kind.
pub(super) const MASS_UPDATE: Guard = Guard {
    name: "mass-update",
    flag: Some("--allow-mass-update"),
    title: "updates a large share of what it owns of a kind",
    why: "A mistake in a variable or a template changes many objects at once.",
};

/// Taking back what consumers see.
pub(super) const LIVE_OBJECT: Guard = Guard {
    name: "live-object",
    flag: Some("--allow-unpublish"),
    title: "takes away what consumers see",
    why: "Consumers lose an engagement at once, and the plan that took it away may be about something else.",
};

/// Deleting or replacing what its manifest protects.
pub(super) const PROTECTED_OBJECT: Guard = Guard {
    name: "protected-object",
    flag: None,
    title: "deletes or replaces a protected object",
    why: "Its manifest says that it is not to be lost.",
};

/// Deleting what other people's work lies inside of.
pub(super) const FOREIGN_CHILDREN: Guard = Guard {
    name: "foreign-children",
    flag: None,
    title: "deletes a campaign with other people's engagements",
    why: "The platform deletes a campaign together with all its engagements, also those that no manifest defines.",
};

/// Deleting what other people's work refers to.
pub(super) const OBJECT_IN_USE: Guard = Guard {
    name: "object-in-use",
    flag: None,
    title: "deletes what an object of the console refers to",
    why: "The platform does not say what becomes of an object whose reference leads nowhere.",
};

/// Writing to what people made in the console.
pub(super) const FOREIGN_OBJECT: Guard = Guard {
    name: "foreign-object",
    flag: None,
    title: "writes to what people made in the console",
    why: "What no manifest defines belongs to the people who made it.",
};

/// Changing what visitors are offered in a way that no scenario expects.
pub(super) const UNEXPECTED_IMPACT: Guard = Guard {
    name: "unexpected-impact",
    flag: Some("--allow-impact"),
    title: "changes what visitors are offered, and no scenario expects it",
    why: "What visitors see is what a plan is about, and a test says that it is intended.",
};

/// All guards, as they are best read.
pub static GUARDS: [&Guard; 8] = [
    &MASS_DELETE,
    &MASS_UPDATE,
    &LIVE_OBJECT,
    &PROTECTED_OBJECT,
    &FOREIGN_CHILDREN,
    &OBJECT_IN_USE,
    &FOREIGN_OBJECT,
    &UNEXPECTED_IMPACT,
];

impl Guard {
    /// The guard of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        GUARDS.into_iter().find(|guard| guard.name == name)
    }
}

/// The guards that a person overrides for one run: a bit for each, in the order of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides(u16);

impl Overrides {
    /// Those whose flags are given.
    #[must_use]
    pub fn of(flags: &[&str]) -> Self {
        let guards = GUARDS.iter().enumerate();
        let given =
            guards.filter(|(_, guard)| guard.flag.is_some_and(|flag| flags.contains(&flag)));
        Self(given.fold(0, |bits, (at, _)| bits | 1 << at))
    }

    /// Whether a guard of this name is overridden.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        let at = GUARDS.iter().position(|guard| guard.name == name);
        at.is_some_and(|at| self.0 >> at & 1 == 1)
    }
}
