//! What a run tells, on the terminal.

use std::sync::Arc;

use super::progress;
use super::ui::Ui;
use crate::diag::{Diags, Texts};
use crate::report::diagnostics::render_text;
use crate::run::{Counting, News, Steps};

impl News for Ui {
    fn note(&self, text: &str) {
        self.note(text);
    }

    fn detail(&self, text: &str) {
        self.detail(text);
    }

    fn complain(&self, diags: &Diags, texts: &Texts) {
        let text = render_text(diags, texts, self.color_err());
        self.complain(&text, diags.has_errors());
    }

    fn waiting(&self, doing: &str) -> Box<dyn Send> {
        Box::new(progress::waiting(self, doing))
    }

    fn applying(&self, steps: usize) -> Box<dyn Steps> {
        Box::new(progress::ApplyProgress::new(self, steps))
    }

    fn counting(&self, total: usize, what: &str) -> Box<dyn Counting> {
        Box::new(progress::Count::new(self, total, what))
    }

    fn ask(&self, question: &str) -> Option<String> {
        self.ask(question, "")
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        self.confirm(question)
    }

    fn about(&self, environment: &str) -> Arc<dyn News> {
        Arc::new(self.about(environment))
    }
}
