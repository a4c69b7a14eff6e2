//! What every row of every table has in common: a region, and tags where AWS has them.

use stackmark_evidence::aws::*;
use stackmark_evidence::with_tables;

/// A row of a table.
pub(super) trait Row {
    /// Whether AWS puts tags on such resources.
    const TAGGED: bool;

    /// Its tags; `None` where there can be none.
    fn tags(&self) -> Option<&Tags>;

    /// Says where it is, unless it says so already.
    fn set_region(&mut self, region: &str);
}

macro_rules! rows {
    (@tags true, $row:ident) => { Some(&$row.tags) };
    (@tags false, $row:ident) => { None };
    (@region true, $row:ident, $region:ident) => {
        if $row.region.is_empty() {
            $row.region = $region.to_owned();
        }
    };
    (@region false, $row:ident, $region:ident) => { () };
    ($(
        $(#[$holds:meta])*
        $name:ident: $row:ident {
            table: $table:ident, holds: $text:literal,
            region: $region:tt, tags: $tagged:tt, $($rest:tt)*
        }
    )*) => {
        $(impl Row for $row {
            const TAGGED: bool = $tagged;

            fn tags(&self) -> Option<&Tags> {
                rows!(@tags $tagged, self)
            }

            fn set_region(&mut self, _region: &str) {
                rows!(@region $region, self, _region)
            }
        })*
    };
}
with_tables!(rows);
