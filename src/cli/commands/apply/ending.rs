//! What came of an apply, for people, programs and webhooks; with `--prove`, what the platform says behind it.
//!
//! An apply that was done is reported as done, whatever becomes of the proof: people read of it before the platform is
//! asked, and programs find both in one document.

use crate::apply::Outcome;
use crate::cli::failing::failure;
use crate::cli::notifying::occasion;
use crate::cli::signals::stop;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, prove};
use crate::plan::Plan;
use crate::project::Occasion;
use crate::report::notice::Notice;
use crate::report::outcome::{render_outcome, render_outcome_json};
use crate::run::account::Account;
use crate::run::applying::{Applied, EndedApply, shortfall};
use crate::run::manifests::Manifests;
use crate::run::notifying::Messenger;
use crate::run::proving::{self, Proven};
use crate::run::{Error, Meaning, Run, Workspace};

/// Where the end of an apply is reported.
pub(super) struct Ending<'a> {
    /// People and programs.
    pub(super) ui: &'a Ui,
    /// The run.
    pub(super) run: &'a Run,
    /// The webhooks.
    pub(super) messenger: &'a Messenger,
    /// Whether the platform is asked what the scenarios say.
    pub(super) proves: bool,
}

/// Where an apply was, with its manifests if there are some.
type Scene<'a> = (&'a Account, &'a Workspace, Option<&'a Manifests>);

impl Ending<'_> {
    /// Tells what came of an apply, and of the proof behind it. Returns the exit code.
    ///
    /// # Errors
    /// What was done is not recorded, or cannot be proved; it is reported all the same.
    pub(super) async fn told(&self, applied: Applied, scene: Scene<'_>) -> Result<u8, Error> {
        match applied {
            Applied::Blocked(plan) => {
                // What webhooks say of a plan that a guard blocks.
                let outcome = Outcome::default();
                let notice = Notice::of_outcome(&plan, &outcome, Occasion::Failure);
                self.messenger.saw(notice);
                self.not_done(&plan);
                Ok(exit::BLOCKED)
            }
            Applied::Declined(plan) => {
                self.ui.note("Nothing was written.");
                self.not_done(&plan);
                Ok(exit::ERROR)
            }
            Applied::Ended(ended) => self.ended(*ended, scene).await,
        }
    }

    async fn ended(
        &self,
        ended: EndedApply,
        (account, workspace, manifests): Scene<'_>,
    ) -> Result<u8, Error> {
        let (plan, outcome) = (&ended.plan, &ended.outcome);
        let is_trifle = plan.is_empty() && shortfall(outcome).is_none();
        if !is_trifle {
            let code = shortfall(outcome).map_or(exit::DONE, exit::of);
            let notice = Notice::of_outcome(plan, outcome, occasion(code));
            self.messenger.saw(notice);
        }
        // Bringing the ledger's records up to date goes without saying.
        if self.ui.format() == Format::Text && !is_trifle {
            let text = render_outcome(plan, outcome);
            self.ui.formatted(Format::Text, &text);
        }
        let is_whole = ended.shortfall().is_none();
        let Some(manifests) = manifests.filter(|_| self.proves && is_whole) else {
            self.document(&render_outcome_json(plan, outcome, None));
            return self.code(ended);
        };
        let proven = self.asked(account, workspace, manifests).await;
        let tested = proven.as_ref().map(|proven| proven.tested(manifests));
        let found = tested.as_ref().map_err(|error| failure(error));
        self.document(&render_outcome_json(plan, outcome, Some(found)));
        Ok(prove::tell(self.ui, manifests, &proven?))
    }

    /// The exit code of an apply that nothing is proved of.
    fn code(&self, ended: EndedApply) -> Result<u8, Error> {
        let meaning = ended.shortfall();
        if let Err(error) = ended.recorded {
            return Err(Error {
                meaning: meaning.unwrap_or(error.meaning),
                ..error
            });
        }
        let code = meaning.map_or(exit::DONE, exit::of);
        let is_short = matches!(code, exit::PARTIAL | exit::ERROR | exit::THROTTLED);
        if is_short && ended.is_budget_spent {
            let note = "The retry budget is spent. Apply again later; what was done is recorded.";
            self.ui.note(note);
        }
        Ok(code)
    }

    /// What the platform says, unless the run is asked to stop.
    async fn asked(
        &self,
        account: &Account,
        workspace: &Workspace,
        manifests: &Manifests,
    ) -> Result<Proven, Error> {
        let mut stop = stop()?;
        tokio::select! {
            proven = proving::after_apply(self.run, account, workspace, manifests) => proven,
            () = stop.wanted() => {
                // Not as an interruption, whose exit code says that nothing was written.
                let why = "the proof was interrupted; the apply is done";
                Err(Error::new(Meaning::Failed, why).help("run `campaignctl prove` to ask again"))
            }
        }
    }

    /// Tells programs that nothing was done; people read the plan, and why it is held back.
    fn not_done(&self, plan: &Plan) {
        self.document(&render_outcome_json(plan, &Outcome::default(), None));
    }

    /// Writes the document where programs look for it.
    fn document(&self, json: &str) {
        if self.ui.format() != Format::Text {
            self.ui.raw(json);
        }
        self.ui.document(json);
    }
}
