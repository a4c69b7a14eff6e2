//! Every table, and what it takes to read it.

use super::operations::action;
use stackmark_evidence::with_tables;

/// What it takes to read a table.
pub(super) struct Need {
    pub(super) table: Table,
    /// The name that stands behind `aws.` in a reading's path.
    pub(super) name: &'static str,
    /// Tables that it is made from, or whose ids are asked for.
    pub(super) parents: &'static [Table],
    /// Tables that tell which of its rows belong to the team; without a tag filter, all of them do.
    pub(super) to_scope: &'static [Table],
    /// Whether its rows may belong through a tie to a tagged resource, which the tables in `needs::RELATIONS` tell.
    tied: bool,
    /// IAM actions that fetch it.
    pub(super) actions: &'static [&'static str],
    /// The type of the resources that its rows hang on, by CloudFormation's name; one at most.
    pub(super) of: &'static [&'static str],
}

macro_rules! tables {
    ($(
        $(#[$holds:meta])*
        $name:ident: $row:ident {
            table: $table:ident, holds: $text:literal,
            region: $region:tt, tags: $tags:tt, tied: $tied:literal,
            from: [$($from:ident),*], scoped_by: [$($scoped_by:ident),*],
            calls: [$($service:ident: $operation:ident $(as $action:literal)?),*],
            $(of: $of:literal,)?
            $(read: $module:ident::$reader:ident,)?
        }
    )*) => {
        /// A table of [`stackmark_evidence::aws::AwsEvidence`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Table {
            $($(#[$holds])* $table,)*
        }

        /// One need for each table, in the order of [`Table`].
        pub(super) const NEEDS: &[Need] = &[$(
            Need {
                table: Table::$table,
                name: stringify!($name),
                parents: &[$(Table::$from),*],
                to_scope: &[$(Table::$scoped_by),*],
                tied: $tied,
                actions: &[$(action!($service, $operation $(, $action)?)),*],
                of: &[$($of)?],
            },
        )*];
    };
}
with_tables!(tables);

impl Table {
    /// What it takes to read it.
    pub(super) fn need(self) -> &'static Need {
        &NEEDS[self as usize]
    }

    /// The name that stands behind `aws.` in a reading's path.
    pub(super) fn name(self) -> &'static str {
        self.need().name
    }

    /// The table of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NEEDS.iter().find(|need| need.name == name).map(|need| need.table)
    }

    /// The tables that the table of this name is made from or scoped by, the nearest first.
    pub(super) fn ancestors(name: &str) -> Vec<Self> {
        let need = NEEDS.iter().find(|need| need.name == name);
        let direct = need.map(|need| [need.parents, need.to_scope].concat()).unwrap_or_default();
        let further = direct.iter().flat_map(|table| Self::ancestors(table.name())).collect();
        [direct, further].concat()
    }

    /// Whether its rows may belong through a tie to a tagged resource, which the tables in `needs::RELATIONS` tell.
    pub(super) fn is_tied(self) -> bool {
        self.need().tied
    }
}
