//! The codes of complaints about files of recipients.

use crate::diag::{Code, Severity};

/// Every code of this module.
pub const CODES: &[&Code] = &[&COUNT, &COLUMN, &MALFORMED, &MISSING, &TWICE];

/// There are no recipients, or too many.
pub const COUNT: Code = Code {
    name: "recipients-count",
    severity: Severity::Error,
    title: "a file of recipients has no row, or too many",
    why: "A launch goes to 1 to 100,000 recipients: the platform takes no more in a day for each channel.",
    wrong: "customerId,firstName\n",
    right: "customerId,firstName\n4711,Ada\n",
};

/// A column is not there.
pub const COLUMN: Code = Code {
    name: "recipients-column",
    severity: Severity::Error,
    title: "a file of recipients lacks a column that the launch names",
    why: "The launch says which column is the id of the consumer and which are the variables. Names are compared to the letter.",
    wrong: "customer,firstName\n4711,Ada\n",
    right: "customerId,firstName\n4711,Ada\n",
};

/// A row cannot be read, or a value cannot be sent.
pub const MALFORMED: Code = Code {
    name: "recipient-malformed",
    severity: Severity::Error,
    title: "a recipient cannot be read, or has a value that cannot be sent",
    why: "A row has as many values as the first line has columns; values are texts of at most 1,550 characters without control \
          characters, and ids have no blank at either end. The source line is shown without its letters and digits, because \
          they may be personal.",
    wrong: "customerId,firstName\n4711,Ada,Lovelace\n",
    right: "customerId,firstName\n4711,Ada\n",
};

/// A value is not there.
pub const MISSING: Code = Code {
    name: "recipient-missing",
    severity: Severity::Error,
    title: "a recipient has no id, or no value for a variable",
    why: "Without an id, the message goes nowhere; without the value of a variable, the platform refuses the recipient.",
    wrong: "customerId,firstName\n4711,\n",
    right: "customerId,firstName\n4711,Ada\n",
};

/// A recipient is there twice.
pub const TWICE: Code = Code {
    name: "recipient-twice",
    severity: Severity::Error,
    title: "a recipient is in the file twice",
    why: "Within one request the platform refuses the second one; in two requests, the consumer gets the message twice.",
    wrong: "customerId,firstName\n4711,Ada\n4711,Ada\n",
    right: "customerId,firstName\n4711,Ada\n",
};
