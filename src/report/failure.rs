//! A run that failed before it had anything to show, in the forms that programs read.
//!
//! A caller that asked for JSON gets JSON, whatever happens; a report that counts changes must not count none.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::text::safe::{self, code, comment, prose};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.error/v1";

/// Why a run has nothing to show.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FailureReport {
    /// The format of the document.
    pub format: &'static str,
    /// The exit code.
    pub exit: u8,
    /// What is wrong, with its causes.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The diagnostics of the files, if there are any: `errors`, `warnings` and `diagnostics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaints: Option<Value>,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<FailureReport>("Why a run of campaignctl failed");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The document.
#[must_use]
pub fn render_failure_json(failure: &FailureReport) -> String {
    safe::json(failure)
}

/// The failure in place of a plan in a pull request.
#[must_use]
pub fn render_failure_markdown(failure: &FailureReport, environment: &str) -> String {
    let help = failure.help.as_deref().map(prose);
    let help = help.map(|help| format!("  \n> {help}")).unwrap_or_default();
    format!(
        "<!-- campaignctl:plan:{} -->\n### No plan for {}\n\n> [!CAUTION]\n> {}{help}\n",
        comment(environment),
        code(environment),
        prose(&failure.message)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_says_in_a_pull_request_is_text() {
        let failure = FailureReport {
            format: FORMAT,
            exit: 1,
            message: "<img> of @octo/team\n# a heading".to_owned(),
            help: Some("ask @octo".to_owned()),
            complaints: None,
        };
        insta::assert_snapshot!(render_failure_markdown(&failure, "live"), @r"
        <!-- campaignctl:plan:live -->
        ### No plan for `live`

        > [!CAUTION]
        > &lt;img&gt; of <span>@</span>octo/team&#92;n# a heading  
        > ask <span>@</span>octo
        ");
    }
}
