//! The language of faults as tables: the grammar offers their words, and the page of it is made of them.

/// How a fault is written.
pub const GRAMMAR: &str = "METHOD PATH ACTION [OPTION | QUALIFIER]..";

/// What its first two words are.
pub const WORDS: &[(&str, &str)] = &[
    (
        "METHOD",
        "`GET`, `POST`, `PUT`, `PATCH`, `DELETE`, or `*` for any. A POST with `X-HTTP-Method-Override: PUT` is a `PUT`",
    ),
    (
        "PATH",
        "The whole path without its query. `*` matches any text, including slashes, `{id}` one part of the path: `*/campaigns/{id}`, `*/engagements/*`",
    ),
];

/// One thing that can be written in a fault.
#[derive(Clone, Copy, Debug)]
pub struct FaultForm {
    /// How it is written; capital words stand for something.
    pub form: &'static str,
    /// A whole fault that has it.
    pub example: &'static str,
    /// What it does.
    pub does: &'static str,
}

impl FaultForm {
    /// The word that it begins with.
    pub(super) fn word(&self) -> &'static str {
        self.form.split(' ').next().unwrap_or_default()
    }
}

/// What a fault can do to a request.
pub const ACTIONS: &[FaultForm] = &[
    FaultForm {
        form: "STATUS",
        example: "PUT */engagements/* 503 x3",
        does: "answers 400 to 599 with the error body of the service that was called",
    },
    FaultForm {
        form: "lost",
        example: "POST */goals lost after-commit once",
        does: "drops the connection without an answer",
    },
    FaultForm {
        form: "delay TIME",
        example: "GET * delay 200ms",
        does: "waits, then continues with the request and the next faults; a client that hangs up before has written nothing, unless `after-commit`",
    },
    FaultForm {
        form: "truncate",
        example: "GET */campaigns truncate once",
        does: "executes the request, announces the whole answer, and drops the connection in the middle of its body; an answer without a body is lost",
    },
    FaultForm {
        form: "expire-token",
        example: "PUT * expire-token once",
        does: "ends every token of the account: 401 from this request on, until the next login. The developer bearer stays valid. Affects only requests with an `Authorization` header",
    },
    FaultForm {
        form: "race",
        example: "PUT */engagements/* race once",
        does: "another client changes another object of the collection, just before a write or just after a read: the revision is stale, the object is not. Strikes only requests on collections",
    },
    FaultForm {
        form: "race edit",
        example: "GET */campaigns/{id} race edit once",
        does: "another client changes the `description` of this very object",
    },
    FaultForm {
        form: "race edit:FIELD",
        example: "PUT */campaigns/{id} race edit:status once",
        does: "another client changes that wire key of the object: a text becomes another, a number grows by 1, a switch is turned, a list loses its last item",
    },
    FaultForm {
        form: "race delete",
        example: "PUT */goals/{id} race delete once",
        does: "another client deletes the object",
    },
    FaultForm {
        form: "move",
        example: "PUT * move once",
        does: "the services of the account move to another host and port: from this request on, the look-up answers with the new one, and the old one answers 404. Handoffs and the look-up do not move",
    },
    FaultForm {
        form: "move refused",
        example: "PUT * move refused once",
        does: "the same, and the old host hangs up",
    },
    FaultForm {
        form: "loading",
        example: "GET * loading x2",
        does: "answers 202 and that the account is loading, without effect",
    },
    FaultForm {
        form: "garbage",
        example: "GET */goals garbage once",
        does: "answers 200 with a page of HTML, as a proxy in between does",
    },
    FaultForm {
        form: "garbage shape",
        example: "GET */goals garbage shape once",
        does: "answers JSON of another shape: a list inside an object, an object inside a list, `{}` for a write without effect",
    },
    FaultForm {
        form: "short",
        example: "GET */campaigns short once",
        does: "answers a list without its second half",
    },
    FaultForm {
        form: "short N",
        example: "GET */campaigns short 1",
        does: "answers a list without its last N rows",
    },
    FaultForm {
        form: "redirect URL",
        example: "GET * redirect http://127.0.0.1:9 once",
        does: "answers 307 to the same path below that address, without effect",
    },
    FaultForm {
        form: "redirect STATUS URL",
        example: "PUT * redirect 302 http://127.0.0.1:9 once",
        does: "the same with 301, 302, 303, 307 or 308",
    },
];

/// How an action can be changed.
pub const OPTIONS: &[FaultForm] = &[
    FaultForm {
        form: "before-commit",
        example: "PUT * lost before-commit once",
        does: "the request has no effect; for a status, `lost`, `delay` and `garbage`. This is the default",
    },
    FaultForm {
        form: "after-commit",
        example: "PUT * 503 after-commit once",
        does: "the request takes effect, then the fault strikes; for the same actions",
    },
    FaultForm {
        form: "retry-after SECONDS",
        example: "* * 429 retry-after 2 every 3",
        does: "a status comes with `Retry-After` in seconds",
    },
    FaultForm {
        form: "retry-after-date SECONDS",
        example: "* * 429 retry-after-date 2 every 3",
        does: "a status comes with `Retry-After` as a date, the given number of seconds from now",
    },
];

/// Which of the requests that a fault matches it strikes. Without one: all of them.
pub const QUALIFIERS: &[FaultForm] = &[
    FaultForm {
        form: "xN",
        example: "PUT * 503 x3",
        does: "N times at most",
    },
    FaultForm {
        form: "once",
        example: "PUT * 503 once",
        does: "the same as `x1`",
    },
    FaultForm {
        form: "every N",
        example: "* * 429 every 3",
        does: "each N-th one",
    },
    FaultForm {
        form: "after N",
        example: "PUT * lost after 5",
        does: "lets the first N through; `every` counts from there",
    },
    FaultForm {
        form: "p CHANCE",
        example: "* * 500 p 0.1",
        does: "with a chance from 0 to 1, which falls alike in each run",
    },
    FaultForm {
        form: "seed N",
        example: "* * 500 p 0.1 seed 7",
        does: "another series of chances",
    },
];
