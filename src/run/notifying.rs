//! Telling webhooks what happened. A notification that fails is a warning, and never more.
//!
//! The address of a webhook is a secret: no output, error or log holds it, nor a part of it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;

use super::credentials::read_secret;
use super::workspace::Workspace;
use super::{Run, ci};
use crate::api::{Secret, install_crypto, is_loopback};
use crate::project::{Occasion, Receiver};
use crate::report::notice::Notice;

/// How long a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The webhooks of a run, and what there is to tell them.
#[derive(Debug)]
pub struct Messenger {
    /// The addresses that the run was given.
    given: Vec<Secret>,
    run: Run,
    news: Mutex<Vec<EnvironmentNews>>,
}

/// How the run about an environment ended.
#[derive(Clone, Debug)]
pub struct EndedRun {
    /// The environment.
    pub environment: String,
    /// The exit code, for those who are told.
    pub code: u8,
    /// Why it failed.
    pub failed: Option<String>,
}

/// What there is to tell of one environment.
#[derive(Debug)]
struct EnvironmentNews {
    environment: String,
    hooks: Vec<Hook>,
    notice: Option<Notice>,
}

/// A webhook.
#[derive(Clone, Debug)]
struct Hook {
    /// What it is called in warnings: where it is named.
    name: String,
    /// Its address, with or without a prefix, or why nobody knows it.
    address: Result<Secret, String>,
    receiver: Option<Receiver>,
    on: Vec<Occasion>,
}

impl Messenger {
    /// The webhooks of a run, with those that it was given besides those of the project.
    #[must_use]
    pub fn new(run: &Run, given: Vec<Secret>) -> Self {
        Self {
            given,
            run: run.clone(),
            news: Mutex::default(),
        }
    }

    /// Says which environment the run is about; its webhooks are told, besides those of the flags.
    pub fn about(&self, workspace: &Workspace, environment: &str) {
        let found = workspace.environment(environment).ok();
        let of_project = found.map(|it| it.notify).unwrap_or_default();
        let refused = workspace.machine.trust().refuses_webhooks();
        let address = |source| match &refused {
            Some(why) => Err(why.clone()),
            None => read_secret(workspace, "address of the webhook", source)
                .map(Secret::new)
                .map_err(|error| error.message),
        };
        let of_project = of_project.iter().enumerate().map(|(index, notify)| Hook {
            name: format!("`notify` {} of {environment}", index + 1),
            address: address(&notify.url),
            receiver: notify.kind,
            on: notify.on.clone(),
        });
        let hooks = self.of_flags().chain(of_project).collect();
        self.with(|news| {
            news.push(EnvironmentNews {
                environment: environment.to_owned(),
                hooks,
                notice: None,
            });
        });
    }

    /// Notes what there is to tell.
    pub fn saw(&self, notice: Notice) {
        self.with(|all| {
            let mut all = all.iter_mut();
            if let Some(news) = all.find(|news| news.environment == notice.environment) {
                news.notice = Some(notice);
            }
        });
    }

    /// Tells what came of a run about one environment.
    pub async fn tell(&self, code: u8, failed: Option<&str>) {
        if self.with(|news| news.is_empty()) {
            // It failed before anything was known of the environment.
            let hooks = self.of_flags().collect();
            let environment = self.run.environment().to_owned();
            let notice = None;
            self.with(|news| {
                news.push(EnvironmentNews {
                    environment,
                    hooks,
                    notice,
                });
            });
        }
        for news in self.with(std::mem::take) {
            let failed = failed.filter(|message| !message.is_empty());
            let failed = failed.map(|why| Notice::new(Occasion::Failure, &news.environment, why));
            send(&self.run, &news.hooks, failed.or(news.notice), code).await;
        }
    }

    /// Tells what came of several environments.
    pub async fn tell_of_each(&self, results: &[EndedRun]) {
        for news in self.with(std::mem::take) {
            let mut results = results.iter();
            let Some(ended) = results.find(|it| it.environment == news.environment) else {
                continue;
            };
            let failed = ended.failed.as_ref();
            let failed = failed.map(|why| Notice::new(Occasion::Failure, &ended.environment, why));
            send(&self.run, &news.hooks, failed.or(news.notice), ended.code).await;
        }
    }

    fn of_flags(&self) -> impl Iterator<Item = Hook> {
        let given = self.given.iter().filter(|it| !it.expose().is_empty());
        given.enumerate().map(|(index, address)| Hook {
            name: format!("`--notify` {}", index + 1),
            address: Ok(address.clone()),
            receiver: None,
            on: Vec::new(),
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<EnvironmentNews>) -> T) -> T {
        act(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends a notice to those who want to know, side by side, and warns of what did not arrive.
async fn send(run: &Run, hooks: &[Hook], notice: Option<Notice>, code: u8) {
    let Some(notice) = notice else { return };
    let notice = notice.ended(code, ci::pipeline(run.machine()).link);
    let wants = |hook: &&Hook| hook.on.is_empty() || hook.on.contains(&notice.event);
    let posts = hooks.iter().filter(wants).cloned().map(|hook| {
        let notice = notice.clone();
        tokio::spawn(async move {
            let result = post(&hook, &notice).await;
            (hook.name, result)
        })
    });
    let posts: Vec<_> = posts.collect();
    for sent in posts {
        match sent.await {
            Ok((_, Ok(()))) => {}
            Ok((name, Err(why))) => {
                run.note(&format!("warning: {name} was not notified: {why}"));
            }
            Err(_) => run.note("warning: a webhook was not notified"),
        }
    }
}

/// Sends a notice to one webhook.
///
/// # Errors
/// Says what went wrong, and nothing of the address.
async fn post(hook: &Hook, notice: &Notice) -> Result<(), String> {
    let address = hook.address.as_ref().map_err(Clone::clone)?;
    let (receiver, url) = target(address.expose())?;
    let receiver = hook.receiver.unwrap_or(receiver);
    install_crypto();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("campaignctl/", env!("CARGO_PKG_VERSION")))
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    if is_loopback(&url) {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|_| "there is no network")?;
    let answer = client
        .post(url)
        .json(&notice.payload(receiver))
        .send()
        .await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status())),
        // Whatever else an error says, it may say the address.
        Err(error) if error.is_timeout() => {
            Err(format!("no answer in {} seconds", PATIENCE.as_secs()))
        }
        Err(error) if error.is_connect() => Err("it cannot be reached".to_owned()),
        Err(_) => Err("the connection broke".to_owned()),
    }
}

/// What a webhook understands, and its address.
fn target(text: &str) -> Result<(Receiver, Url), String> {
    let (named, address) = Receiver::split(text.trim());
    let url = Url::parse(address).map_err(|_| "the given value is not an address")?;
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if !is_safe {
        return Err("its address must be one of `https://`".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    Ok((named.unwrap_or_else(|| Receiver::of_host(host)), url))
}
