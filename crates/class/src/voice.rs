//! What is said on the way: the class speaks, and the binary decides where it is heard.

use std::any::Any;
use std::time::Duration;

use stackmark_collect::SharedProgress;
use stackmark_course::Problems;

/// Where a run's words go.
pub trait Voice: Send + Sync {
    /// A line for the person who started the run.
    fn note(&self, text: &str);

    /// What went wrong with one team, while the others go on.
    fn error(&self, text: &str);

    /// Everything that is wrong with the instructor's documents.
    fn problems(&self, problems: &Problems);

    /// How many teams are done, and how long the others will take, if that can be told.
    fn done(&self, _done: usize, _of: usize, _left: Option<Duration>) {}

    /// A line of progress for one team; dropping the second value ends it.
    fn line(&self, team: &str) -> (SharedProgress, Box<dyn Any + Send>);
}
