//! Where a run reports what happens: to a terminal, to an editor, or nowhere.

use std::fmt::Debug;
use std::sync::Arc;

use crate::apply::Progress;
use crate::diag::{Diags, Texts};

/// A receiver of what a run reports, which may be asked questions.
pub trait News: Debug + Send + Sync {
    /// Something that is not data.
    fn note(&self, text: &str);

    /// Something that only those want to know who ask for details.
    fn detail(&self, text: &str);

    /// Complaints about files; never none.
    fn complain(&self, diags: &Diags, texts: &Texts);

    /// Something goes on that may take a while, such as reading an account, until the answer is dropped.
    fn waiting(&self, doing: &str) -> Box<dyn Send>;

    /// A plan is carried out, of so many steps that people are told of.
    fn applying(&self, steps: usize) -> Box<dyn Steps>;

    /// Something is done for so many of a sort, until the answer is dropped.
    fn counting(&self, total: usize, what: &str) -> Box<dyn Counting>;

    /// Asks for a text. `None` when a question cannot be asked.
    fn ask(&self, question: &str) -> Option<String>;

    /// Asks for a yes; anything else is a no. `None` when a question cannot be asked.
    fn confirm(&self, question: &str) -> Option<bool>;

    /// The same for one environment of several.
    fn about(&self, environment: &str) -> Arc<dyn News>;
}

/// Watches the steps of a plan, until dropped.
pub trait Steps: Send + Sync {
    /// A step began or ended.
    fn show(&self, event: &Progress<'_>);
}

/// Watches a count grow, until dropped.
pub trait Counting: Send + Sync {
    /// So many are done.
    fn done(&self, count: usize);
}

/// Reports nothing, and answers no question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl News for Silent {
    fn note(&self, _: &str) {}

    fn detail(&self, _: &str) {}

    fn complain(&self, _: &Diags, _: &Texts) {}

    fn waiting(&self, _: &str) -> Box<dyn Send> {
        Box::new(())
    }

    fn applying(&self, _: usize) -> Box<dyn Steps> {
        Box::new(Self)
    }

    fn counting(&self, _: usize, _: &str) -> Box<dyn Counting> {
        Box::new(Self)
    }

    fn ask(&self, _: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _: &str) -> Option<bool> {
        None
    }

    fn about(&self, _: &str) -> Arc<dyn News> {
        Arc::new(Self)
    }
}

impl Counting for Silent {
    fn done(&self, _: usize) {}
}

impl Steps for Silent {
    fn show(&self, _: &Progress<'_>) {}
}
