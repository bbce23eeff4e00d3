//! What is wrong with a file, and how far it is read after that.

use granit_parser::Tag;

use super::{Builder, Next};
use crate::text::Span;
use crate::text::yaml::{YamlError, YamlErrorKind, scalar};

impl Builder<'_> {
    /// Keeps a problem; too many errors end the file.
    pub(super) fn report(&mut self, problem: YamlError) -> Next {
        if problem.is_warning() {
            if self.problems.len() < self.limits.problems {
                self.problems.push(problem);
            }
            return Next::Event;
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
        Next::Event
    }

    /// Reports an error after which the rest of the document means nothing.
    pub(super) fn skip(&mut self, error: YamlError) -> Next {
        match self.report(error) {
            Next::Stop => Next::Stop,
            _ => Next::Document,
        }
    }

    pub(super) fn stop(&mut self, error: YamlError) -> Next {
        self.errors += 1;
        self.problems.push(error);
        Next::Stop
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
