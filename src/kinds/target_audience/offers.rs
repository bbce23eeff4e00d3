//! What an audience asks of a visitor (platform.md#target-audience).

use serde_json::Value;

use super::means::{AudienceFacts, MarketingSource, Region};
use crate::kinds::offering::read::{Combined, any_of, conditions, meaning, word};
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
    let mut all = Vec::new();
    let mut ask = |key: &str, test: Test| all.push(Clause::new(at.key(key), test));
    if let Some(any) = referral {
        ask(
            "referral",
            web_only(
                at,
                text(Fact::Referral, &any.0, Case::Open(Switch::UrlCase)),
            ),
        );
    }
    if let Some(any) = search_keywords {
        ask("searchKeywords", one_of(Fact::SearchKeywords, any, OPEN));
    }
    if let Some(any) = ip {
        let any = any.0.iter().map(|it| it.0.clone()).collect();
        ask("ip", Test::Is(Question::Address(Fact::Ip, any)));
    }
    if let Some(any) = platform {
        ask("platform", words(Fact::Device, &any.0));
    }
    if let Some(source) = marketing_source {
        ask(
            "marketingSource",
            Test::All(marketing(source, &at.key("marketingSource"))),
        );
    }
    if let Some(any) = geo {
        let at = at.key("geo");
        ask(
            "geo",
            any_of(any, &at, |region| Test::All(region_of(region, &at))),
        );
    }
    if let Some(is) = returning {
        ask(
            "returning",
            web_only(at, Test::Is(Question::Flag(Fact::Returning, *is))),
        );
    }
    if let Some(any) = customer_type {
        ask(
            "customerType",
            one_of(Fact::CustomerType, any, Case::Ignored),
        );
    }
    if let Some(any) = customer_status {
        ask(
            "customerStatus",
            one_of(Fact::CustomerStatus, any, Case::Ignored),
        );
    }
    let numbers: [(&str, Fact, &Option<Range>); 3] = [
        ("age", Fact::Age, age),
        ("companySize", Fact::CompanySize, company_size),
        ("balance", Fact::Balance, balance),
    ];
    for (key, fact, range) in numbers {
        if let Some(range) = range {
            ask(key, Test::Is(Question::Number(fact, range.clone())));
        }
    }
    if let Some(range) = registered_days_ago {
        let question = Question::DaysAgo(Fact::Registered, range.clone());
        ask("registeredDaysAgo", Test::Is(question));
    }
    let texts: [(&str, Fact, &Option<AnyOf<String>>); 3] = [
        ("customerId", Fact::CustomerId, customer_id),
        ("storeZipCode", Fact::StoreZipCode, store_zip_code),
        ("storeNumber", Fact::StoreNumber, store_number),
    ];
    for (key, fact, any) in texts {
        if let Some(any) = any {
            ask(key, one_of(fact, any, OPEN));
        }
    }
    if let Some(any) = gender {
        ask("gender", words(Fact::Gender, &any.0));
    }
    all
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

fn web_only(at: &Pointer, test: Test) -> Test {
    Test::WebOnly(Box::new(Clause::new(at.clone(), test)))
}
