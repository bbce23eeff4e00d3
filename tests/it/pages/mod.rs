//! The README and the book tell the truth: their blocks run, in their order, as a reader would run them.
//!
//! - A `console` block has commands behind `$ `, each with the output that it must have. `…` stands for anything: alone on
//!   a line for any number of lines, inside of a line for any text. A command without output may say anything. It must
//!   succeed, unless `$ echo $?` follows and says how it ends.
//! - An `sh` block has commands only, one a line.
//! - A `diff` block is an edit of a file.
//! - Any other block is written to the file that `<!-- file: PATH -->` above it names.
//!
//! Marks are comments of Markdown, which readers don't see, right above a block or on their own:
//!
//! - `<!-- start: FOLDER -->`: from here on in a fresh copy of the folder `examples`, inside of it if it lies there, else in
//!   an empty folder of this name. A page begins with one.
//! - `<!-- served: FOLDER as ENVIRONMENT -->`: the sandbox of that folder is the account of an environment that a project
//!   file declares from here on. So pages about real accounts run, too.
//! - `<!-- terminal: COLUMNSxROWS -->`: from here on commands run on a terminal of this size, in which no line may be wider.
//! - `<!-- typed: ANSWER -->`: what the next command that asks is answered.
//! - `<!-- setup .. -->`: commands of no interest to readers.
//! - `<!-- not run: REASON -->`: the block is not run; the flags of its commands must exist all the same.
//!
//! A command that ends with `[Tab]` shows what a shell offers there.
//!
//! `campaignctl` and `cargo run --` are the built program, and `curl` a few lines of this folder: bare machines have none.
//! Sandboxes are served on free ports, whatever the page says.

mod book;
mod curl;
mod names;
mod page;
mod shell;
mod terminal;
mod visitor;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use crate::program::package;
use page::{Item, Page};
use visitor::Visitor;

/// The pages of the book, by their paths in the package.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    collect(Path::new("docs/src"), &mut pages);
    pages.sort();
    pages
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(package().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

/// Reads a page from its first line to its last.
async fn visit(page: &Page) {
    let mut visitor = Visitor::new(&page.path);
    for item in &page.items {
        visitor.meet(item).await;
    }
}

#[tokio::test]
async fn the_readme_goes_as_it_says() {
    let page = Page::read(Path::new("README.md"));
    assert!(page.items.len() > 10, "the page has lost its tour");
    visit(&page).await;
}

#[test]
fn every_page_of_the_book_goes_as_it_says() {
    let pages = pages();
    assert!(pages.len() > 15, "the book has lost its pages");
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages
            .iter()
            .map(|path| (path, scope.spawn(move || in_a_runtime(path))))
            .collect();
        let ended = threads
            .into_iter()
            .map(|(path, thread)| (path, thread.join()));
        ended
            .filter(|(_, end)| end.is_err())
            .map(|(path, _)| path.display().to_string())
            .collect()
    });
    assert!(failed.is_empty(), "not as they say: {failed:?}, see above");
}

fn in_a_runtime(path: &Path) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(visit(&Page::read(path)));
}

/// A block that is not run is an exception, and has its reason here.
#[test]
fn the_blocks_that_are_not_run_are_known() {
    let (mut run, mut passed_over) = (0, String::new());
    for path in std::iter::once(PathBuf::from("README.md")).chain(pages()) {
        for item in Page::read(&path).items {
            match item {
                Item::Passed { reason, .. } => {
                    let name = path.to_str().unwrap().replace('\\', "/");
                    let _ = writeln!(passed_over, "{name}: {reason}");
                }
                Item::Console(_) | Item::Commands(_) | Item::Edit(_) | Item::File { .. } => {
                    run += 1;
                }
                Item::Start(_)
                | Item::Served { .. }
                | Item::Setup(_)
                | Item::Terminal { .. }
                | Item::Typed(_) => {}
            }
        }
    }
    assert!(run > 60, "{run}");
    assert_snapshot!(passed_over, @"
    README.md: the tour below applies the same, and this is a test
    docs/src/explanation/sandbox.md: it explains a condition that the shop does not have; tests/it/prove.rs sets such ones
    docs/src/how-to/accounts.md: it needs an account per environment; tests/it/environments.rs runs it
    docs/src/how-to/adopt.md: it needs the look-up of a real account; tests/it/init.rs runs it against the sandbox
    docs/src/how-to/apps.md: it is what an app sends; tests/it/conformance/monitoring.rs sends such calls
    docs/src/how-to/audit.md: it sends to a webhook; tests/it/notify.rs runs it against a receiver
    docs/src/how-to/editors.md: it is for VS Code
    docs/src/how-to/editors.md: it is for Neovim
    docs/src/how-to/editors.md: it is for Helix
    docs/src/how-to/launches.md: it takes an answer that was lost; tests/it/by_hand.rs loses some
    docs/src/how-to/launches.md: it needs a CleverTap account; tests/it/clevertap.rs runs it against the sandbox
    docs/src/how-to/policies.md: it is for conftest, which the tests do not need
    docs/src/how-to/secrets.md: it needs a real account; how-to/adopt runs it against the sandbox
    docs/src/how-to/sign-in.md: it needs a browser; tests/it/login.rs is one
    docs/src/introduction.md: it builds and installs the program
    ");
}
