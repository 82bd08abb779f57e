//! Quantities that an input gives in a unit or a form of its own.

use capplan_queueing::units::{Probability, Seconds, ServiceRate, UnitError};

use crate::declare::{InputKind, choices};

use super::{InputValue, Misfit, Token};

pub(crate) const MINUTE: f64 = 60.0;
pub(crate) const HOUR: f64 = 3600.0;
pub(crate) const DAY: f64 = 86_400.0;
pub(crate) const YEAR: f64 = 8760.0 * HOUR;

/// Times that are given in a larger unit than seconds.
macro_rules! times {
    ($( $(#[doc = $doc:literal])* $name:ident = $unit:expr; )+) => {
        $( $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name(pub(crate) Seconds);

        impl InputValue for $name {
            const KIND: InputKind = InputKind::Number;

            fn from_token(token: &Token) -> Result<Self, Misfit> {
                // Checked as given, so that a message shows the number that was given.
                let given = Seconds::from_token(token)?;
                Ok(Self(Seconds::new(given.get() * $unit)?))
            }
        } )+
    };
}

times! {
    /// A time given in minutes.
    Minutes = MINUTE;
    /// A time given in hours.
    Hours = HOUR;
    /// A time given in days.
    Days = DAY;
}

/// The probability of being up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Availability {
    pub(crate) up: Probability,
    pub(crate) down: Probability,
}

impl InputValue for Availability {
    const KIND: InputKind = InputKind::Number;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        let up = Probability::from_token(token)?;
        Ok(Self { up, down: Probability::new(1.0 - up.get())? })
    }
}

/// A mean time of service, above 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceTime {
    pub(crate) seconds: f64,
    pub(crate) rate: ServiceRate,
}

impl InputValue for ServiceTime {
    const KIND: InputKind = InputKind::Number;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        let seconds = Seconds::from_token(token)?.get();
        if seconds == 0.0 {
            return Err(UnitError { quantity: "time", value: seconds, domain: "finite and above 0" }.into());
        }
        Ok(Self { seconds, rate: ServiceRate::new(1.0 / seconds)? })
    }
}

/// The law of service, where the formula knows one only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExponentialService;

choices! {
    ExponentialService {
        "exponential" => Self,
    }
}
