//! Whose commit is it?
//!
//! | module | holds |
//! |---|---|
//! | `matching` | which member an author is: exact only |
//! | `names` | names and addresses, made comparable |
//! | `nobody` | what machines sign with |
//! | `programs` | coding agents and bots, which are nobody |
//! | `assistance` | agents that a message names otherwise than as co-authors |
//! | `trailers` | co-authors and reviewers that a message names |
//! | `spoken`, `short_names` | members whom a message names in words: in full, or for short |
//! | `mailmap` | mailmaps |
//! | `suggest`, `entries`, `listing` | whose an unknown identity may be; all that `stackmark identities` tells |
//! | `likeness` | which members may be one person, and which member an unknown author very likely is |
//! | `facts` | what mailmaps decided, and committers who are not the author |
//! | `own_word` | work that is a member's by the repository's own mailmap alone |
//! | `members` | the people of a history, where there is no roster |

mod assistance;
mod entries;
mod facts;
mod likeness;
mod listing;
mod mailmap;
mod matching;
mod members;
mod names;
mod nobody;
mod own_word;
mod programs;
mod short_names;
mod spoken;
mod suggest;
mod trailers;

pub(super) use assistance::assistants_in;
pub(super) use facts::{mailmap_at, other_committers, remaps};
pub use likeness::doubles_in_roster;
pub(super) use likeness::{doubles_among, guess_unknown};
pub use listing::{Listed, list, strangers_in};
pub use mailmap::{Mailmap, MailmapProblem};
pub(super) use matching::Identities;
pub(super) use members::members_among;
pub(super) use names::has_address;
pub(super) use nobody::is_made_up;
pub(super) use own_word::by_own_mailmap;
pub(super) use programs::{Program, is_bot, is_forge, is_github, program};
pub(super) use trailers::{co_authors_in, mentions_in, reviewers_in};

#[cfg(test)]
mod tests;
