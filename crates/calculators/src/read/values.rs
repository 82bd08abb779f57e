use std::fmt;
use std::marker::PhantomData;

use capplan_queueing::network::StationKind;
use capplan_queueing::units::{ArrivalRate, Erlangs, Probability, Seconds, Servers, ServiceRate};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::declare::{InputKind, Inputs, Need};

use super::json::whole;
use super::{Faults, Misfit, Token, wrong};

/// What an input may be declared as: a quantity that reads itself and refuses what is outside its domain.
///
/// A quantity implements one of the three ways to be read: [`from_token`](Self::from_token),
/// [`from_list`](Self::from_list) or [`from_object`](Self::from_object).
pub(crate) trait InputValue: Sized {
    /// What stands for it in JSON.
    const KIND: InputKind;

    /// Whether it may be left out.
    const NEED: Need = Need::Required;

    /// What it means where its field says no more.
    const DOC: &'static str = "";

    /// Its value where it is left out.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads a plain value.
    fn from_token(_: &Token) -> Result<Self, Misfit> {
        Err(Misfit::Kind)
    }

    /// Reads a list.
    fn from_list<'de, A: SeqAccess<'de>>(_: A, faults: &Faults) -> Result<Self, A::Error> {
        Err(faults.refuse(wrong(&Token::List, &Self::KIND.in_json())))
    }

    /// Reads an object.
    fn from_object<'de, A: MapAccess<'de>>(_: A, faults: &Faults) -> Result<Self, A::Error> {
        Err(faults.refuse(wrong(&Token::Object, &Self::KIND.in_json())))
    }
}

/// Reads a value of JSON.
pub(crate) fn read_value<T: InputValue>(value: &Value, faults: &Faults) -> Result<T, serde_json::Error> {
    Reader::<T>(faults, PhantomData).deserialize(value)
}

/// Reads a field of an object; one that is missing is read as `null`.
pub(crate) fn read_field<T: InputValue, E: Error>(object: &Value, name: &str, faults: &Faults) -> Result<T, E> {
    read_value(object.get(name).unwrap_or(&Value::Null), faults).map_err(|_| {
        faults.under(format_args!("{name}"));
        E::custom("refused")
    })
}

/// Reads any value as `T`.
struct Reader<'f, T>(&'f Faults, PhantomData<T>);

impl<T: InputValue> Reader<'_, T> {
    fn of<E: Error>(&self, token: &Token) -> Result<T, E> {
        T::from_token(token).map_err(|misfit| {
            self.0.refuse(match misfit {
                Misfit::Kind => wrong(token, &T::KIND.in_json()),
                Misfit::Unit(error) => format!(": {error}"),
                Misfit::Said(rest) => rest,
            })
        })
    }
}

impl<'de, T: InputValue> DeserializeSeed<'de> for Reader<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: InputValue> Visitor<'de> for Reader<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&T::KIND.in_json())
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        self.of(&Token::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.of(&Token::Switch(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.of(&Token::Whole(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.of(&Token::Negative(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.of(&Token::Decimal(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        self.of(&Token::Word(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::from_list(items, self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::from_object(fields, self.0)
    }
}

/// Reads a value as `T`, and `null` as none.
struct Nullable<'f, T>(&'f Faults, PhantomData<T>);

impl<'de, T: InputValue> DeserializeSeed<'de> for Nullable<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: InputValue> Visitor<'de> for Nullable<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&T::KIND.in_json())
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        Reader::<T>(self.0, PhantomData).deserialize(deserializer).map(Some)
    }
}

impl Faults {
    /// Reads the value of a field into its slot; `null` counts as left out, a second value is refused.
    #[expect(clippy::option_option, reason = "not read, read as `null`, or a value")]
    pub(crate) fn fill<'de, T: InputValue, A: MapAccess<'de>>(
        &self,
        slot: &mut Option<Option<T>>,
        name: &str,
        fields: &mut A,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(A::Error::custom("a key stands twice"));
        }
        let value = fields.next_value_seed(Nullable::<T>(self, PhantomData));
        *slot = Some(value.inspect_err(|_| self.under(format_args!("{name}")))?);
        Ok(())
    }
}

/// The place of a field in a table of inputs; none for a name that is not in it.
struct Place<'a, U>(&'static [crate::declare::Input], &'a Faults, U);

impl<'de, U: Fn(&str) -> Unknown> DeserializeSeed<'de> for Place<'_, U> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<U: Fn(&str) -> Unknown> Visitor<'_> for Place<'_, U> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the name of an input")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        self.0.iter().position(|input| input.name == name).ok_or_else(|| match self.2(name) {
            Unknown::Whole(error) => self.1.refuse_whole(error),
            Unknown::Part(rest) => self.1.refuse(rest),
        })
    }
}

/// What is said of a name that no input has.
pub(super) enum Unknown {
    /// Of the input as a whole.
    Whole(crate::CalcError),
    /// Of a part of it, as the message goes on after the part's name.
    Part(String),
}

/// Reads the fields of an object.
pub(super) fn read_fields<'de, I: Inputs, A: MapAccess<'de>>(
    mut fields: A,
    faults: &Faults,
    unknown: impl Fn(&str) -> Unknown,
    lacking: impl FnOnce(&[&'static str]) -> Unknown,
) -> Result<I, A::Error> {
    let mut slots = I::Slots::default();
    while let Some(place) = fields.next_key_seed(Place(I::INPUTS, faults, &unknown))? {
        I::fill(&mut slots, place, &mut fields, faults)?;
    }
    let mut missing = Vec::new();
    I::finish(slots, &mut missing).ok_or_else(|| match lacking(&missing) {
        Unknown::Whole(error) => faults.refuse_whole(error),
        Unknown::Part(rest) => faults.refuse(rest),
    })
}

/// Reads an object that is a part of an input, such as `a station`.
pub(crate) fn read_part<'de, I: Inputs, A: MapAccess<'de>>(
    part: &str,
    fields: A,
    faults: &Faults,
) -> Result<I, A::Error> {
    let list =
        |names: &mut dyn Iterator<Item = &str>| names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let unknown = |name: &str| {
        let known = list(&mut I::INPUTS.iter().map(|input| input.name));
        Unknown::Part(format!(" has no `{name}`; {part} takes {known}"))
    };
    let lacking =
        |missing: &[&'static str]| Unknown::Part(format!(" also needs {}", list(&mut missing.iter().copied())));
    read_fields(fields, faults, unknown, lacking)
}

impl<T: InputValue> InputValue for Option<T> {
    const KIND: InputKind = T::KIND;
    const NEED: Need = Need::Optional;
    const DOC: &'static str = T::DOC;

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        T::from_token(token).map(Some)
    }

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        T::from_list(items, faults).map(Some)
    }

    fn from_object<'de, A: MapAccess<'de>>(fields: A, faults: &Faults) -> Result<Self, A::Error> {
        T::from_object(fields, faults).map(Some)
    }
}

impl<T: InputValue> InputValue for Vec<T> {
    const KIND: InputKind = T::KIND.list();
    const DOC: &'static str = T::DOC;

    fn from_list<'de, A: SeqAccess<'de>>(mut items: A, faults: &Faults) -> Result<Self, A::Error> {
        let mut list = Self::new();
        let item = || Reader::<T>(faults, PhantomData);
        while let Some(item) =
            items.next_element_seed(item()).inspect_err(|_| faults.under(format_args!("[{}]", list.len())))?
        {
            list.push(item);
        }
        Ok(list)
    }
}

impl InputValue for f64 {
    const KIND: InputKind = InputKind::Number;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        token.number().ok_or(Misfit::Kind)
    }
}

impl InputValue for u64 {
    const KIND: InputKind = InputKind::Count;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        token.number().and_then(whole).ok_or(Misfit::Kind)
    }
}

impl InputValue for bool {
    const KIND: InputKind = InputKind::Switch;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        if let Token::Switch(switch) = *token { Ok(switch) } else { Err(Misfit::Kind) }
    }
}

impl InputValue for String {
    const KIND: InputKind = InputKind::Word;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        if let Token::Word(word) = *token { Ok(word.to_owned()) } else { Err(Misfit::Kind) }
    }
}

/// Quantities that are a number within a domain.
macro_rules! quantities {
    ($( $type:ty: $of:ty, $doc:literal; )+) => {
        $( impl InputValue for $type {
            const KIND: InputKind = <$of>::KIND;
            const DOC: &'static str = $doc;

            fn from_token(token: &Token) -> Result<Self, Misfit> {
                Ok(Self::new(<$of>::from_token(token)?)?)
            }
        } )+
    };
}

quantities! {
    ArrivalRate: f64, "arrivals per second, at least 0";
    ServiceRate: f64, "completions per second of one busy server, above 0";
    Servers: u64, "number of parallel servers, at least 1";
    Erlangs: f64, "offered load in erlangs, at least 0";
    Probability: f64, "a probability, between 0 and 1";
    Seconds: f64, "seconds, at least 0";
}

/// A number of servers, or `"inf"` for a station where nobody waits.
#[derive(Debug, Clone)]
pub(crate) struct ServerCount(pub(crate) StationKind);

impl InputValue for ServerCount {
    const KIND: InputKind = InputKind::ServerCount;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        match token {
            Token::Word("inf") => Ok(Self(StationKind::Delay)),
            _ => Ok(Self(StationKind::Servers(Servers::from_token(token)?))),
        }
    }
}
