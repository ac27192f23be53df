//! Two macros for what is said again here because UniFFI has to see it: enums without fields, and errors.

/// An enum of the core, case by case. Goes both ways, so that a case that is missing on either side does not compile.
macro_rules! mirrored {
    ($(#[$doc:meta])* $name:ident as error = $core:path { $($cases:tt)* }) => {
        $crate::mirror::mirrored! {
            @ [derive(uniffi::Error), uniffi::export(Display)] $(#[$doc])* $name = $core { $($cases)* }
        }
    };
    ($(#[$doc:meta])* $name:ident = $core:path { $($cases:tt)* }) => {
        $crate::mirror::mirrored! {
            @ [derive(uniffi::Enum)] $(#[$doc])* $name = $core { $($cases)* }
        }
    };
    (@ [$($attribute:meta),*]
        $(#[$doc:meta])* $name:ident = $core:path { $($(#[$case_doc:meta])* $case:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        $(#[$attribute])*
        pub enum $name {
            $($(#[$case_doc])* $case,)*
        }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                use $core as Core;
                match value { $(Core::$case => Self::$case,)* }
            }
        }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$case => Self::$case,)* }
            }
        }
    };
}

/// An error of the core: every case with what the core calls it, and its row in the table of errors. Behind `own` come
/// cases that only exist here. What every error can be asked follows from the row.
macro_rules! errors {
    (
        $(#[$doc:meta])*
        $name:ident = $core:path {
            $(
                $(#[$case_doc:meta])*
                $case:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })?
                    = $from:pat => $made:expr, $row:expr;
            )*
        }
        own {
            $(
                $(#[$own_doc:meta])*
                $own:ident $({ $($(#[$own_field_doc:meta])* $own_field:ident: $own_type:ty),* $(,)? })?
                    = $own_row:expr;
            )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, uniffi::Error)]
        #[uniffi::export(Display)]
        pub enum $name {
            $(
                $(#[$case_doc])*
                $case $({ $($(#[$field_doc])* $field: $type),* })?,
            )*
            $(
                $(#[$own_doc])*
                $own $({ $($(#[$own_field_doc])* $own_field: $own_type),* })?,
            )*
        }

        impl $crate::error::Row for $name {
            #[allow(unused_variables, reason = "most cases have the same row whatever their fields say")]
            fn row(&self) -> protocol::Code {
                match self {
                    $(Self::$case $({ $($field),* })? => $row,)*
                    $(Self::$own $({ $($own_field),* })? => $own_row,)*
                }
            }
        }

        impl From<$core> for $name {
            fn from(error: $core) -> Self {
                use $core as Core;
                match error {
                    $($from => $made,)*
                }
            }
        }

        $crate::mirror::asked!($name);
    };
}

/// What every error can be asked.
macro_rules! asked {
    ($name:ident) => {
        #[uniffi::export]
        impl $name {
            /// The number of its row in the table of errors (`docs/errors.md`): stable, for programs and for support.
            pub fn code(&self) -> u16 {
                $crate::error::Row::row(self) as u16
            }

            /// The name of its row, such as `balance-limit`: stable, for logs.
            pub fn name(&self) -> String {
                $crate::error::Row::row(self).name().to_owned()
            }

            /// Whether the same call may succeed later without anybody changing what is asked.
            pub fn is_retryable(&self) -> bool {
                $crate::error::Row::row(self).retry() == protocol::code::Retry::May
            }

            /// What happened and what to do, in one sentence for whoever holds the phone.
            pub fn sentence(&self, language: $crate::Language) -> String {
                $crate::error::Row::row(self)
                    .sentence(language.into())
                    .to_owned()
            }
        }

        /// The name of the row, and its sentence in English: for logs. It holds nothing secret.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let row = $crate::error::Row::row(self);
                let sentence = row.sentence(protocol::sentence::Language::English);
                write!(f, "{}: {sentence}", row.name())
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use {asked, errors, mirrored};
