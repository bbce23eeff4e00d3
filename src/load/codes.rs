//! The codes of complaints about files.

use crate::diag::{Code, Severity};

/// Every code of this module.
pub const CODES: &[&Code] = &[
    &FILE_NOT_FOUND,
    &FILE_UNREADABLE,
    &FILE_NOT_UTF8,
    &NO_MANIFESTS,
];

/// A path leads nowhere.
pub const FILE_NOT_FOUND: Code = Code {
    name: "file-not-found",
    severity: Severity::Error,
    title: "a path does not exist",
    why: "A path that is given must exist: with a misspelt one, manifests would be missing, and what they declare \
          would look deleted.",
    wrong: "# campaignctl plan manifest\n",
    right: "# campaignctl plan manifests\n",
};

/// A file or folder cannot be read.
pub const FILE_UNREADABLE: Code = Code {
    name: "file-unreadable",
    severity: Severity::Error,
    title: "a file or folder cannot be read",
    why: "The system refused it, often for lack of permission. What a file declares would look deleted \
          if the file were skipped.",
    wrong: "# -r-------- root root manifests/goals.yaml\n",
    right: "# -rw-r--r-- you  team manifests/goals.yaml\n",
};

/// A file is not UTF-8.
pub const FILE_NOT_UTF8: Code = Code {
    name: "file-not-utf8",
    severity: Severity::Error,
    title: "a file is not UTF-8 text",
    why: "Texts for visitors must arrive as they were written, and a guess at the encoding would change \
          them. Editors call it `UTF-8`; UTF-16 and Latin-1 are not read.",
    wrong: "# saved as Windows-1252\nspec:\n  displayName: Été\n",
    right: "# saved as UTF-8\nspec:\n  displayName: Été\n",
};

/// There is nothing to plan.
pub const NO_MANIFESTS: Code = Code {
    name: "no-manifests",
    severity: Severity::Error,
    title: "the given paths hold no manifest",
    why: "An empty set of manifests would delete every owned object. That is rarely intended, so it is an error and nothing is deleted.",
    wrong: "# an empty file\n",
    right: "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: checkout-done }\nspec: {}\n",
};
