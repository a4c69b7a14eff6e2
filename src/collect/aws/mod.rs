//! The deployed stack, through the AWS SDK.
