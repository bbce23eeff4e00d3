//! The keys of the wire under which ids of an account are known.

/// What ids of an account are of, by the word in front of `id` and `ids` in a wire key, in small letters without `_`
/// (platform.md#references). The same key is spelled `surveyPreChatId` and `survey_pre_chat_id`. Some are of kinds of
/// ours, others, such as surveys, of none.
pub(super) const STEMS: &[(&str, &str)] = &[
    ("account", "account"),
    ("agentgroup", "agent group"),
    ("agentsurvey", "survey"),
    ("appinstallation", "app installation"),
    ("audience", "target audience"),
    ("behavior", "behavior"),
    ("campaign", "campaign"),
    ("connector", "connector"),
    ("defaultagentsurvey", "survey"),
    ("defaultofflinesurvey", "survey"),
    ("defaultpostchatsurvey", "survey"),
    ("engagement", "engagement"),
    ("engagementwindow", "engagement window"),
    ("entrypoint", "entry point"),
    ("fallbackskill", "skill"),
    ("flow", "flow"),
    ("goal", "goal"),
    ("group", "agent group"),
    ("lineofbusiness", "line of business"),
    ("linesofbusiness", "line of business"),
    ("lob", "line of business"),
    ("location", "entry point"),
    ("offlinesurvey", "survey"),
    ("offlinewindow", "engagement window"),
    ("onsitelocation", "entry point"),
    ("postchatsurvey", "survey"),
    ("postconversationsurveyappinstallassociation", "survey"),
    ("prechatsurvey", "survey"),
    ("site", "account"),
    ("skill", "skill"),
    ("smspreform", "form"),
    ("specialoccasion", "special occasion"),
    ("survey", "survey"),
    ("surveyagentchat", "survey"),
    ("surveyoffline", "survey"),
    ("surveypostchat", "survey"),
    ("surveyprechat", "survey"),
    ("targetaudience", "target audience"),
    ("visitorbehavior", "behavior"),
    ("visitorprofile", "target audience"),
    ("window", "engagement window"),
    ("workinghours", "working hours"),
    ("zone", "zone"),
];

/// The stems that are keys by themselves, in the singular and the plural. Only a value that looks like an id is one
/// there, since a name may be there, too.
pub(super) const NOUNS: &[&str] = &[
    "agentgroup",
    "appinstallation",
    "audience",
    "behavior",
    "connector",
    "entrypoint",
    "goal",
    "group",
    "lineofbusiness",
    "linesofbusiness",
    "lob",
    "skill",
    "survey",
    "targetaudience",
    "visitorbehavior",
    "visitorprofile",
    "window",
    "zone",
];

/// Keys of another form that hold ids.
pub(super) const OTHERS: &[(&str, &str)] = &[
    ("agentsurveyformsgid", "survey"),
    ("fallbackskill", "skill"),
    ("onsitelocation", "entry point"),
    ("onsitelocations", "entry point"),
    ("skilltransferlist", "skill"),
    ("visitorbehaviors", "behavior"),
    ("visitorprofiles", "target audience"),
    ("zones", "zone"),
];

/// How keys of telephone numbers end, which have as many digits as ids.
pub(super) const TELEPHONES: &[&str] = &["phone", "phonenumber", "outboundnumber", "msisdn"];
