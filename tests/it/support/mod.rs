//! What the tests share: histories, servers, an emulator, samples.

pub(crate) mod courses;
pub(crate) mod fake_aws;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod hostile;
pub(crate) mod keep_alive;
pub(crate) mod live;
pub(crate) mod moto;
pub(crate) mod people;
pub(crate) mod planted;
pub(crate) mod review;
pub(crate) mod sample;
pub(crate) mod stacks;
pub(crate) mod webdriver;
