//! The facts of a visit that conditions ask for.

use jiff::civil::Date;

use super::Switch;

/// A fact of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The time.
    Time,
    /// The sections that the app or page reports.
    Sections,
    /// The address of the page.
    Url,
    /// The sections and pages of this session before this one.
    Pages,
    /// Whether agents are available.
    Agents,
    /// Whether the visitor is in a control group.
    ControlGroup,
    /// Whether the visitor has an open conversation.
    Conversation,
    /// Whether the visitor has signed in.
    SignedIn,
    /// The device.
    Device,
    /// The address of the device.
    Ip,
    /// The country.
    Country,
    /// The state or province.
    State,
    /// The city.
    City,
    /// Whether the visitor was here before.
    Returning,
    /// The page that the visitor came from.
    Referral,
    /// What the visitor searched for.
    SearchKeywords,
    /// The channel that the visitor came by.
    Channel,
    /// The affiliate that the visitor came by.
    Affiliate,
    /// The marketing campaign that the visitor came by.
    MarketingCampaign,
    /// The type of the customer.
    CustomerType,
    /// The status of the customer.
    CustomerStatus,
    /// The age in years.
    Age,
    /// The day of the registration.
    Registered,
    /// How many people work at the company: the platform's own data, which no attribute decides.
    CompanySize,
    /// The balance.
    Balance,
    /// The currency of the balance.
    BalanceCurrency,
    /// The id of the customer.
    CustomerId,
    /// The postal code of the store.
    StoreZipCode,
    /// The number of the store.
    StoreNumber,
    /// The gender.
    Gender,
    /// The seconds on this page.
    SecondsOnPage,
    /// Whether the visitor is about to leave.
    AboutToAbandon,
    /// The value of the cart.
    CartValue,
    /// The currency of the cart.
    CartCurrency,
    /// The number of items in the cart.
    CartItems,
    /// The number of products looked at.
    ViewedProducts,
    /// The errors that the visitor met.
    Errors,
    /// What became of engagements in this session.
    Engaged,
    /// The statuses of service activities.
    ServiceActivity,
}

impl Fact {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Time,
        Self::Sections,
        Self::Url,
        Self::Pages,
        Self::Agents,
        Self::ControlGroup,
        Self::Conversation,
        Self::SignedIn,
        Self::Device,
        Self::Ip,
        Self::Country,
        Self::State,
        Self::City,
        Self::Returning,
        Self::Referral,
        Self::SearchKeywords,
        Self::Channel,
        Self::Affiliate,
        Self::MarketingCampaign,
        Self::CustomerType,
        Self::CustomerStatus,
        Self::Age,
        Self::Registered,
        Self::CompanySize,
        Self::Balance,
        Self::BalanceCurrency,
        Self::CustomerId,
        Self::StoreZipCode,
        Self::StoreNumber,
        Self::Gender,
        Self::SecondsOnPage,
        Self::AboutToAbandon,
        Self::CartValue,
        Self::CartCurrency,
        Self::CartItems,
        Self::ViewedProducts,
        Self::Errors,
        Self::Engaged,
        Self::ServiceActivity,
    ];

    /// The name in messages and data: the field of a scenario that says it, or the attribute that reports it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "at",
            Self::Sections => "sections",
            Self::Url => "url",
            Self::Pages => "journey",
            Self::Agents => "agents",
            Self::ControlGroup => "controlGroup",
            Self::Conversation => "conversation",
            Self::SignedIn => "signedIn",
            Self::Device => "device",
            Self::Ip => "ip",
            Self::Country => "geo.country",
            Self::State => "geo.state",
            Self::City => "geo.city",
            Self::Returning => "returning",
            Self::Referral => "referral",
            Self::SearchKeywords => "searchKeywords",
            Self::Channel => "channel",
            Self::Affiliate => "mrktInfo.affiliate",
            Self::MarketingCampaign => "mrktInfo.campaignId",
            Self::CustomerType => "ctmrinfo.ctype",
            Self::CustomerStatus => "ctmrinfo.cstatus",
            Self::Age => "personal.age",
            Self::Registered => "ctmrinfo.registrationDate",
            Self::CompanySize => "companySize",
            Self::Balance => "ctmrinfo.balance",
            Self::BalanceCurrency => "ctmrinfo.currency",
            Self::CustomerId => "ctmrinfo.customerId",
            Self::StoreZipCode => "ctmrinfo.storeZipCode",
            Self::StoreNumber => "ctmrinfo.storeNumber",
            Self::Gender => "personal.gender",
            Self::SecondsOnPage => "secondsOnPage",
            Self::AboutToAbandon => "aboutToAbandon",
            Self::CartValue => "cart.total",
            Self::CartCurrency => "cart.currency",
            Self::CartItems => "cart.numItems",
            Self::ViewedProducts => "prodView.products",
            Self::Errors => "error",
            Self::Engaged => "engaged",
            Self::ServiceActivity => "service.status",
        }
    }

    /// Whether the app or page reports it as an engagement attribute, so that what a visit does not have was not
    /// reported.
    #[must_use]
    pub const fn is_attribute(self) -> bool {
        matches!(
            self,
            Self::Affiliate
                | Self::MarketingCampaign
                | Self::CustomerType
                | Self::CustomerStatus
                | Self::Age
                | Self::Registered
                | Self::Balance
                | Self::BalanceCurrency
                | Self::CustomerId
                | Self::StoreZipCode
                | Self::StoreNumber
                | Self::Gender
                | Self::CartValue
                | Self::CartCurrency
                | Self::CartItems
                | Self::ViewedProducts
                | Self::Errors
                | Self::ServiceActivity
        )
    }

    /// Whether a visit can have several values.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::Sections | Self::SearchKeywords | Self::Engaged | Self::Errors
        )
    }

    /// Whether its numbers are whole, and none is below zero.
    #[must_use]
    pub const fn is_count(self) -> bool {
        matches!(self, Self::CartItems | Self::ViewedProducts | Self::Age)
    }

    /// Whether a visit need not have a value.
    #[must_use]
    pub const fn can_be_absent(self) -> bool {
        self.is_attribute() || self.is_list()
    }

    /// Whether the platform does not support the attribute of a visitor who has signed in (platform.md#monitoring).
    #[must_use]
    pub const fn is_anonymous_only(self) -> bool {
        matches!(
            self,
            Self::Affiliate
                | Self::MarketingCampaign
                | Self::StoreZipCode
                | Self::StoreNumber
                | Self::CartValue
                | Self::CartCurrency
                | Self::CartItems
                | Self::ViewedProducts
                | Self::Errors
                | Self::ServiceActivity
        )
    }
}

/// One value of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Day(Date),
    /// An error with its code and its text.
    Error(Option<String>, Option<String>),
    /// A page: its sections and its address.
    Page(Vec<String>, Option<String>),
    /// A value that cannot be read.
    Unreadable,
}

/// What a visit says of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum FactAnswer {
    /// These values, all there are.
    Known(Vec<Datum>),
    /// Depends on a fact of the platform that is only inferred: the answers in either position.
    Depends(Switch, Box<[Self; 2]>),
}

impl FactAnswer {
    /// What depends on an inferred fact of the platform, unless both positions come to the same.
    #[must_use]
    pub fn depending(switch: Switch, first: Self, second: Self) -> Self {
        if first == second {
            first
        } else {
            Self::Depends(switch, Box::new([first, second]))
        }
    }

    /// One text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Known(vec![Datum::Text(text.into())])
    }
}
