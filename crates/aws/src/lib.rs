//! The deployed stack, read through AWS's APIs with read-only operations; and the one that ends an instance.
//!
//! | file | holds |
//! |---|---|
//! | `access` `connection` `config` | a way into an account, and how it is found: credentials, region, endpoint, time limits |
//! | `collector` | from an account to the evidence |
//! | `operations` | every operation that may be sent, and the interceptor that refuses any other |
//! | `session` `turns` | clients, paging, how many calls are under way at once |
//! | `ec2` `elbv2` `classic` `autoscaling` `s3` `iam` `cloudwatch` `cloudformation` `ecs` `lambda` `apigateway` `sns` `codepipeline` `elasticbeanstalk` `cloudtrail` `sts` | one service each: replies into tables |
//! | `resources` | the long tail, through Cloud Control and the tagging API |
//! | `owner` `scope` `ties` `doubts` `settled` `reach` `surroundings` `slips` | which resources belong to the team, and tags that are nearly the wanted ones |
//! | `stack` `found` `rows` | the tables while they are read, what they lack, and what all rows have in common |
//! | `details` `united` `routes` | what hangs on the resources found |
//! | `describe` | how much of the stack carries the tags |
//! | `disruption` | ends one instance of a group, where that is allowed |
//! | `counted` | what CloudWatch counted of a load |
//! | `tables` `needs` | every table, and which tables a reading is made from |
//! | `doctor` | a preflight of credentials and permissions |
//! | `errors` `xml` `profiles` | failures into causes and words |
//! | `text` | times and user data |

mod access;
mod apigateway;
mod autoscaling;
mod classic;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod codepipeline;
mod collector;
mod config;
mod connection;
mod counted;
mod describe;
mod details;
pub mod disruption;
pub mod doctor;
mod doubts;
mod ec2;
mod ecs;
mod elasticbeanstalk;
mod elbv2;
mod errors;
mod found;
mod iam;
mod lambda;
mod needs;
mod operations;
mod owner;
mod profiles;
mod reach;
mod resources;
mod routes;
mod rows;
mod s3;
mod scope;
mod session;
mod settled;
mod slips;
mod sns;
mod stack;
mod sts;
mod surroundings;
mod tables;
mod text;
mod ties;
mod turns;
mod united;
mod xml;

pub use access::AwsAccess;
pub use collector::{collect, collect_over};
pub use connection::Connection;
pub use counted::counted;
pub use needs::{operations_for, readings_that_need};
pub use operations::{DISRUPTIVE_ACTION, OPERATIONS, Operation};
