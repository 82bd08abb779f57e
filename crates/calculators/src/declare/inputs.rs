use serde::de::MapAccess;
use serde_json::Value;

use crate::read::{Faults, InputValue, read_value};

use super::Input;

/// The inputs of a calculator, or of a part of one, as [`inputs!`] declares them.
pub(crate) trait Inputs: Sized {
    /// Their table.
    const INPUTS: &'static [Input];

    /// What was read so far.
    type Slots: Default;

    /// Reads the value of the input at `place` of the table.
    fn fill<'de, A: MapAccess<'de>>(
        slots: &mut Self::Slots,
        place: usize,
        fields: &mut A,
        faults: &Faults,
    ) -> Result<(), A::Error>;

    /// Returns the inputs, or adds the names of those that are missing.
    fn finish(slots: Self::Slots, missing: &mut Vec<&'static str>) -> Option<Self>;
}

/// Declares inputs once: a struct of quantities, its table and its reader.
///
/// A field's doc comment is what the help shows, and a type that means the same everywhere brings its own. A value behind
/// `=` is the default; `Option<T>` may be left out. `..block: Block` takes in the inputs of another struct.
macro_rules! inputs {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident: $type:ty $(= $default:literal)?, )*
            $( ..$block:ident: $block_type:ty, )?
        }
    ) => {
        $(#[doc = $about])*
        $visibility struct $name {
            $( pub(crate) $field: $type, )*
            $( pub(crate) $block: $block_type, )?
        }

        const _: () = {
            use $crate::declare::{Input, Inputs, documented, joined};
            use $crate::read::{Faults, InputValue};

            const OWN: &[Input] = &[$( Input {
                name: stringify!($field),
                kind: <$type as InputValue>::KIND,
                need: {
                    #[allow(unused_mut, unused_assignments, reason = "only some inputs have a default")]
                    let mut need = <$type as InputValue>::NEED;
                    $( need = $crate::declare::Need::Default(stringify!($default)); )?
                    need
                },
                doc: documented(concat!($($doc),*), <$type as InputValue>::DOC),
            }, )*];
            const BLOCK: &[Input] = { let block: &[Input] = &[]; $( let _ = block; let block = <$block_type as Inputs>::INPUTS; )? block };
            const ALL: [Input; OWN.len() + BLOCK.len()] = joined(OWN, BLOCK);

            #[derive(Default)]
            pub struct Slots {
                $( $field: Option<Option<$type>>, )*
                $( $block: <$block_type as Inputs>::Slots, )?
            }

            impl Inputs for $name {
                const INPUTS: &'static [Input] = &ALL;
                type Slots = Slots;

                fn fill<'de, A: serde::de::MapAccess<'de>>(
                    slots: &mut Slots,
                    place: usize,
                    fields: &mut A,
                    faults: &Faults,
                ) -> Result<(), A::Error> {
                    #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the fields are")]
                    enum At { $( $field, )* }
                    $( if place == At::$field as usize {
                        return faults.fill(&mut slots.$field, stringify!($field), fields);
                    } )*
                    $( return <$block_type as Inputs>::fill(&mut slots.$block, place - OWN.len(), fields, faults); )?
                    #[allow(unreachable_code, reason = "a block is the last")]
                    Ok(())
                }

                fn finish(slots: Slots, missing: &mut Vec<&'static str>) -> Option<Self> {
                    $(
                        let $field = slots.$field.flatten() $( .or_else(|| $crate::declare::default_value($default)) )? ;
                        let $field = $field.or_else(<$type as InputValue>::absent);
                        if $field.is_none() {
                            missing.push(stringify!($field));
                        }
                    )*
                    $( let $block = <$block_type as Inputs>::finish(slots.$block, missing); )?
                    Some(Self { $( $field: $field?, )* $( $block: $block?, )? })
                }
            }
        };
    };
}

/// Declares the words of an input that is one of several, each with the value that it stands for.
///
/// `choices! { Policy { "lru" => Policy::Lru, … } }` reads a type of the library; `choices! { enum Law { Gamma = "gamma", … } }`
/// declares one that the library has no name for.
macro_rules! choices {
    ($visibility:vis enum $name:ident { $( $variant:ident = $word:literal, )+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name {
            $( $variant, )+
        }

        impl $name {
            #[allow(dead_code, reason = "only some choices stand in a message")]
            const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        $crate::declare::choices! { $name { $( $word => Self::$variant, )+ } }
    };
    ($type:ty { $( $word:literal => $value:expr, )+ }) => {
        impl $crate::read::InputValue for $type {
            const KIND: $crate::declare::InputKind = $crate::declare::InputKind::Choice(&[$( $word ),+]);

            fn from_token(token: &$crate::read::Token) -> Result<Self, $crate::read::Misfit> {
                match token {
                    $( $crate::read::Token::Word($word) => Ok($value), )+
                    _ => Err($crate::read::Misfit::Kind),
                }
            }
        }
    };
}

pub(crate) use {choices, inputs};

/// Returns the doc of a field, or that of its type if it has none.
pub(crate) const fn documented(own: &'static str, of_type: &'static str) -> &'static str {
    if own.is_empty() { of_type } else { own.trim_ascii_start() }
}

/// Returns two tables as one.
pub(crate) const fn joined<const N: usize>(own: &[Input], block: &[Input]) -> [Input; N] {
    let first = if own.is_empty() { block[0] } else { own[0] };
    let mut all = [first; N];
    let mut place = 0;
    while place < N {
        all[place] = if place < own.len() { own[place] } else { block[place - own.len()] };
        place += 1;
    }
    all
}

/// Reads a default as if it had been given.
pub(crate) fn default_value<T: InputValue>(value: impl Into<Value>) -> Option<T> {
    read_value(&value.into(), &Faults::default()).ok()
}
