//! What is wrong with a file, and how far it is read after that.

use granit_parser::Tag;

use super::{Builder, NextStep};
use crate::text::Span;
use crate::text::yaml::{YamlError, YamlErrorKind, scalar};

impl Builder<'_> {
    /// Keeps a problem; too many errors end the file.
    pub(super) fn report(&mut self, problem: YamlError) -> NextStep {
        if problem.is_warning() {
            if self.problems.len() < self.limits.problems {
                self.problems.push(problem);
            }
            return NextStep::Event;
        }
        self.errors += 1;
        let span = problem.span;
        self.problems.push(problem);
        if self.errors > self.limits.problems {
            let message = "too many errors: the rest of the file is not read";
            let error = YamlError::new(YamlErrorKind::Limit, span, message)
                .help("correct the ones above first");
            return self.stop(error);
        }
        NextStep::Event
    }

    /// Reports an error after which the rest of the document means nothing.
    pub(super) fn skip(&mut self, error: YamlError) -> NextStep {
        match self.report(error) {
            NextStep::Stop => NextStep::Stop,
            _ => NextStep::Document,
        }
    }

    pub(super) fn stop(&mut self, error: YamlError) -> NextStep {
        self.errors += 1;
        self.problems.push(error);
        NextStep::Stop
    }

    pub(super) fn check_collection_tag(
        &mut self,
        tag: Option<&Tag>,
        core: &str,
        span: impl Fn() -> Span,
    ) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(core)
            && !scalar::is_bang(tag)
        {
            self.report(scalar::tag_error(tag, span()));
        }
    }
}
