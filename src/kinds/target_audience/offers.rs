//! What an audience asks of a visitor (platform.md#target-audience).

use serde_json::Value;

use super::means::{AudienceFacts, MarketingSource, Region};
use crate::kinds::offering::read::{Combined, any_of, conditions, meaning, web_only, word};
use crate::kinds::offering::{
    Aspect, Case, Clause, Fact, Question, Reading, Requirement, Switch, Test,
};
use crate::kinds::shared::means::{AnyOf, Range, TextMatch};
use crate::text::Pointer;

/// The texts that the vendor documents as compared without regard to case are types and statuses of customers.
const OPEN: Case = Case::Open(Switch::TextCase);

pub(super) fn reading(spec: &Value) -> Reading {
    let clause = conditions(spec, Combined::Inferred, |condition, at| {
        if condition.get("type").and_then(Value::as_str) == Some("all") || is_zero(condition) {
            return Test::Known(
                true,
                "the audience is every visitor".to_owned(),
                String::new(),
            );
        }
        meaning::<AudienceFacts>(condition, at, facts)
    });
    Reading {
        requires: vec![Requirement {
            aspect: Aspect::Audiences,
            clause,
        }],
        ..Reading::default()
    }
}

fn is_zero(condition: &Value) -> bool {
    condition.get("type").and_then(Value::as_f64) == Some(0.0)
}

fn facts(facts: &AudienceFacts, at: &Pointer) -> Vec<Clause> {
    // Every field, so that a new one cannot be forgotten.
    let AudienceFacts {
        referral,
        search_keywords,
        ip,
        platform,
        marketing_source,
        geo,
        returning,
        customer_type,
        customer_status,
        age,
        registered_days_ago,
        company_size,
        balance,
        customer_id,
        store_zip_code,
        store_number,
        gender,
    } = facts;
    let number = |fact, range: &Option<Range>| {
        let range = range.clone();
        range.map(|range| Test::Is(Question::Number(fact, range)))
    };
    let any = |fact, any: &Option<AnyOf<String>>, case| {
        let any = any.as_ref();
        any.map(|any| one_of(fact, any, case))
    };
    let registered = registered_days_ago.clone();
    let asked = [
        ("referral", referral.as_ref().map(|it| from(it, at))),
        (
            "searchKeywords",
            any(Fact::SearchKeywords, search_keywords, OPEN),
        ),
        (
            "ip",
            ip.as_ref().map(|any| {
                let any = any.0.iter().map(|it| it.0.clone()).collect();
                Test::Is(Question::Address(Fact::Ip, any))
            }),
        ),
        (
            "platform",
            platform.as_ref().map(|it| words(Fact::Device, &it.0)),
        ),
        (
            "marketingSource",
            marketing_source
                .as_ref()
                .map(|source| Test::All(marketing(source, &at.key("marketingSource")))),
        ),
        (
            "geo",
            geo.as_ref().map(|any| {
                let at = at.key("geo");
                any_of(any, &at, |region| Test::All(region_of(region, &at)))
            }),
        ),
        (
            "returning",
            returning.map(|is| web_only(at, Test::Is(Question::Flag(Fact::Returning, is)))),
        ),
        (
            "customerType",
            any(Fact::CustomerType, customer_type, Case::Ignored),
        ),
        (
            "customerStatus",
            any(Fact::CustomerStatus, customer_status, Case::Ignored),
        ),
        ("age", number(Fact::Age, age)),
        ("companySize", number(Fact::CompanySize, company_size)),
        ("balance", number(Fact::Balance, balance)),
        (
            "registeredDaysAgo",
            registered.map(|range| Test::Is(Question::DaysAgo(Fact::Registered, range))),
        ),
        ("customerId", any(Fact::CustomerId, customer_id, OPEN)),
        (
            "storeZipCode",
            any(Fact::StoreZipCode, store_zip_code, OPEN),
        ),
        ("storeNumber", any(Fact::StoreNumber, store_number, OPEN)),
        (
            "gender",
            gender.as_ref().map(|it| words(Fact::Gender, &it.0)),
        ),
    ];
    let asked = asked.into_iter();
    let asked = asked.filter_map(|(key, test)| Some(Clause::new(at.key(key), test?)));
    asked.collect()
}

/// The page that a visitor came from, which only web pages know.
fn from(referral: &AnyOf<TextMatch>, at: &Pointer) -> Test {
    let case = Case::Open(Switch::UrlCase);
    web_only(at, text(Fact::Referral, &referral.0, case))
}

fn marketing(source: &MarketingSource, at: &Pointer) -> Vec<Clause> {
    let MarketingSource {
        channel,
        affiliate,
        campaign,
    } = source;
    let mut all = Vec::new();
    if let Some(any) = channel {
        all.push(Clause::new(at.key("channel"), words(Fact::Channel, &any.0)));
    }
    if let Some(any) = affiliate {
        all.push(Clause::new(
            at.key("affiliate"),
            one_of(Fact::Affiliate, any, OPEN),
        ));
    }
    if let Some(any) = campaign {
        all.push(Clause::new(
            at.key("campaign"),
            one_of(Fact::MarketingCampaign, any, OPEN),
        ));
    }
    all
}

fn region_of(region: &Region, at: &Pointer) -> Vec<Clause> {
    let Region {
        country,
        state,
        city,
    } = region;
    let parts = [
        ("country", Fact::Country, country),
        ("state", Fact::State, state),
        ("city", Fact::City, city),
    ];
    let given = parts.into_iter().filter_map(|(key, fact, part)| {
        let question = Question::one_of(fact, &[part.as_ref()?], OPEN);
        Some(Clause::new(at.key(key), Test::Is(question)))
    });
    given.collect()
}

fn one_of(fact: Fact, any: &AnyOf<String>, case: Case) -> Test {
    Test::Is(Question::one_of(fact, &any.0, case))
}

fn words<T: serde::Serialize>(fact: Fact, any: &[T]) -> Test {
    let words: Vec<String> = any.iter().map(word).collect();
    Test::Is(Question::one_of(fact, &words, Case::Ignored))
}

fn text(fact: Fact, any: &[TextMatch], case: Case) -> Test {
    Test::Is(Question::Text {
        fact,
        any: any.to_vec(),
        case,
    })
}
