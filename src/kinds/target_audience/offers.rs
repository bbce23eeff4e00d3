//! What an audience asks of a visitor (platform.md#target-audience).

use serde_json::Value;

use super::means::{Addresses, AudienceFacts, GeoRegion, MarketingSource};
use crate::kinds::offering::read::{
    Combined, always, any_of, conditions, in_currency, meaning, payloads, undocumented, unread,
    web_only, word,
};
use crate::kinds::offering::{
    Aspect, Clause, Fact, LetterCase, Question, Reading, Requirement, Switch, Test,
};
use crate::kinds::shared::means::{AnyOf, TextMatch};
use crate::text::Pointer;

/// The texts that the vendor documents as compared without regard to case are types and statuses of customers.
const OPEN: LetterCase = LetterCase::Open(Switch::TextCase);

/// The fields that are read, and those that are only for people.
const KNOWN: &[&str] = &["displayName", "description", "conditions"];

pub(super) fn reading(spec: &Value) -> Reading {
    let clause = conditions(spec, Combined::Inferred, |condition, at| {
        let is_all = condition.get("type").and_then(Value::as_str) == Some("all");
        if (is_all || is_zero(condition))
            && let Some(every) = always(condition, "the audience is every visitor")
        {
            return every;
        }
        in_currency(condition, meaning::<AudienceFacts>(condition, at, facts))
    });
    let mut requires = vec![Requirement {
        aspect: Aspect::Audiences,
        clause,
    }];
    requires.extend(undocumented(spec, Aspect::Audiences, &[]));
    Reading {
        requires,
        payloads: payloads(spec),
        unread: unread(spec, KNOWN),
        ..Reading::default()
    }
}

fn is_zero(condition: &Value) -> bool {
    condition.get("type").and_then(Value::as_f64) == Some(0.0)
}

fn facts(facts: &AudienceFacts, at: &Pointer) -> Vec<Clause> {
    // Every field, so that a new one cannot be forgotten.
    let AudienceFacts {
        referral: _,
        search_keywords,
        ip: _,
        platform: _,
        marketing_source: _,
        geo: _,
        returning: _,
        customer_type,
        customer_status,
        age,
        registered_days_ago: _,
        company_size,
        balance,
        customer_id,
        store_zip_code,
        store_number,
        gender: _,
    } = facts;
    let (types, statuses) = (Fact::CustomerType, Fact::CustomerStatus);
    let texts = [
        (
            "searchKeywords",
            Fact::SearchKeywords,
            search_keywords,
            OPEN,
        ),
        ("customerType", types, customer_type, LetterCase::Ignored),
        (
            "customerStatus",
            statuses,
            customer_status,
            LetterCase::Ignored,
        ),
        ("customerId", Fact::CustomerId, customer_id, OPEN),
        ("storeZipCode", Fact::StoreZipCode, store_zip_code, OPEN),
        ("storeNumber", Fact::StoreNumber, store_number, OPEN),
    ];
    let texts = texts
        .into_iter()
        .map(|(key, fact, any, case)| (key, any.as_ref().map(|any| one_of(fact, any, case))));
    let numbers = [
        ("age", Fact::Age, age),
        ("companySize", Fact::CompanySize, company_size),
        ("balance", Fact::Balance, balance),
    ];
    let numbers = numbers.into_iter().map(|(key, fact, range)| {
        let range = range.clone();
        (key, range.map(|it| Test::Is(Question::Number(fact, it))))
    });
    let asked = of_one_form(facts, at)
        .into_iter()
        .chain(texts)
        .chain(numbers);
    let asked = asked.filter_map(|(key, test)| Some(Clause::new(at.key(key), test?)));
    asked.collect()
}

/// The facts that are asked for in a form of their own.
fn of_one_form(facts: &AudienceFacts, at: &Pointer) -> [(&'static str, Option<Test>); 8] {
    let AudienceFacts {
        referral,
        ip,
        platform,
        marketing_source,
        geo,
        returning,
        registered_days_ago,
        gender,
        ..
    } = facts;
    let returning = returning.map(|is| Test::Is(Question::Flag(Fact::Returning, is)));
    let registered = registered_days_ago.clone();
    let registered = registered.map(|it| Test::Is(Question::DaysAgo(Fact::Registered, it)));
    let platform = platform.as_ref().map(|it| words(Fact::Device, &it.0));
    let gender = gender.as_ref().map(|it| words(Fact::Gender, &it.0));
    let source = marketing_source.as_ref().map(|it| marketing(it, at));
    [
        ("referral", referral.as_ref().map(|it| from(it, at))),
        ("ip", ip.as_ref().map(addresses)),
        ("platform", platform),
        ("marketingSource", source),
        ("geo", geo.as_ref().map(|it| regions(it, at))),
        ("returning", returning.map(|test| web_only(at, test))),
        ("registeredDaysAgo", registered),
        ("gender", gender),
    ]
}

fn addresses(any: &AnyOf<Addresses>) -> Test {
    let any = any.0.iter().map(|it| it.0.clone()).collect();
    Test::Is(Question::Address(Fact::Ip, any))
}

fn regions(any: &AnyOf<GeoRegion>, at: &Pointer) -> Test {
    let at = at.key("geo");
    any_of(any, &at, |region| Test::All(region_of(region, &at)))
}

/// The page that a visitor came from, which only web pages know.
fn from(referral: &AnyOf<TextMatch>, at: &Pointer) -> Test {
    let case = LetterCase::Open(Switch::UrlCase);
    web_only(at, text(Fact::Referral, &referral.0, case))
}

fn marketing(source: &MarketingSource, at: &Pointer) -> Test {
    let MarketingSource {
        channel,
        affiliate,
        campaign,
    } = source;
    let at = at.key("marketingSource");
    let text = |fact, any: &Option<AnyOf<String>>| any.as_ref().map(|any| one_of(fact, any, OPEN));
    let parts = [
        (
            "channel",
            channel.as_ref().map(|any| words(Fact::Channel, &any.0)),
        ),
        ("affiliate", text(Fact::Affiliate, affiliate)),
        ("campaign", text(Fact::MarketingCampaign, campaign)),
    ];
    let parts = parts.into_iter();
    let parts = parts.filter_map(|(key, test)| Some(Clause::new(at.key(key), test?)));
    Test::All(parts.collect())
}

fn region_of(region: &GeoRegion, at: &Pointer) -> Vec<Clause> {
    let GeoRegion {
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

fn one_of(fact: Fact, any: &AnyOf<String>, case: LetterCase) -> Test {
    Test::Is(Question::one_of(fact, &any.0, case))
}

fn words<T: serde::Serialize>(fact: Fact, any: &[T]) -> Test {
    let words: Vec<String> = any.iter().map(word).collect();
    Test::Is(Question::one_of(fact, &words, LetterCase::Ignored))
}

fn text(fact: Fact, any: &[TextMatch], case: LetterCase) -> Test {
    Test::Is(Question::Text {
        fact,
        any: any.to_vec(),
        case,
    })
}
