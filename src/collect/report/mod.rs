//! The written report: finding it, reading it, looking for the parts of a handover document.
