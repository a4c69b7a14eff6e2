//! Instances, and what they are made from.

use serde::{Deserialize, Serialize};

use super::Tags;

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Instance {
    pub instance_id: String,
    pub instance_type: String,
    pub image_id: String,
    /// `pending`, `running`, `stopping`, `stopped` or `shutting-down`.
    pub state: String,
    pub availability_zone: String,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub public_ip_address: Option<String>,
    pub public_dns_name: Option<String>,
    pub key_name: Option<String>,
    pub security_group_ids: Vec<String>,
    /// ARN of the profile that gives it a role.
    #[serde(alias = "iam_instance_profile")]
    pub iam_instance_profile_arn: Option<String>,
    /// Ids of the attached volumes, the root volume first.
    #[serde(default)]
    pub volume_ids: Vec<String>,
    #[serde(default)]
    pub root_volume_id: Option<String>,
    /// RFC 3339.
    pub launch_time: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// What an instance runs when it first starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UserData {
    pub instance_id: String,
    /// Decoded, unzipped where it was gzip, secrets taken out, 64 KiB at most; `None` where there is none.
    pub text: Option<String>,
    /// Bytes of the text before anything was taken out or cut off.
    pub bytes: u64,
}

/// A key pair; the private key never leaves its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KeyPair {
    pub key_name: String,
    pub key_pair_id: Option<String>,
    /// `rsa` or `ed25519`.
    pub key_type: Option<String>,
    /// RFC 3339.
    pub create_time: Option<String>,
    pub region: String,
    pub tags: Tags,
}

/// A machine image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Image {
    pub image_id: String,
    pub name: String,
    pub description: String,
    /// Account that owns it.
    pub owner_id: String,
    /// `available`, `pending`, `deregistered`, …
    pub state: String,
    pub public: bool,
    /// RFC 3339.
    pub creation_date: Option<String>,
    /// Whether the account that is read owns it.
    pub is_own: bool,
    pub region: String,
    pub tags: Tags,
}

/// A launch template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchTemplate {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub default_version_number: i64,
    pub latest_version_number: i64,
    /// The default version, the latest one and those that Auto Scaling groups launch from, by number; each once.
    pub versions: Vec<LaunchTemplateVersion>,
    pub region: String,
    pub tags: Tags,
}

/// What a version of a launch template says of instances; `None` and empty where it leaves that open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchTemplateVersion {
    pub version_number: i64,
    /// Whether it is the one that is used where none is named.
    pub default_version: bool,
    /// Auto Scaling groups that launch from this version; `None` where that is not known.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub auto_scaling_group_names: Option<Vec<String>>,
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub key_name: Option<String>,
    pub security_group_ids: Vec<String>,
    /// Subnets that its network interfaces fix; `None` in evidence from before they were read.
    #[serde(default)]
    pub subnet_ids: Option<Vec<String>>,
    /// ARN or name.
    pub iam_instance_profile: Option<String>,
    /// As in [`UserData::text`].
    pub user_data: Option<String>,
}

/// A launch configuration, which came before launch templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchConfiguration {
    pub launch_configuration_name: String,
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub key_name: Option<String>,
    /// Ids.
    pub security_groups: Vec<String>,
    /// ARN or name.
    pub iam_instance_profile: Option<String>,
    pub associate_public_ip_address: Option<bool>,
    /// As in [`UserData::text`].
    pub user_data: Option<String>,
    pub region: String,
}

/// A block storage volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Volume {
    pub volume_id: String,
    /// GiB.
    pub size: i64,
    /// `gp3`, `io2`, …
    pub volume_type: String,
    pub encrypted: bool,
    /// `available`, `in-use`, …
    pub state: String,
    pub availability_zone: String,
    pub attachments: Vec<VolumeAttachment>,
    pub region: String,
    pub tags: Tags,
}

/// Where a volume is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VolumeAttachment {
    pub instance_id: String,
    /// `/dev/xvda`, …
    pub device: Option<String>,
    pub delete_on_termination: bool,
}

/// An elastic IP address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Address {
    pub public_ip: String,
    pub allocation_id: Option<String>,
    /// `None` where it is bound to nothing.
    pub association_id: Option<String>,
    pub instance_id: Option<String>,
    pub network_interface_id: Option<String>,
    pub region: String,
    pub tags: Tags,
}

/// An instance profile: the role that an instance acts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InstanceProfile {
    pub instance_profile_name: String,
    pub arn: String,
    pub roles: Vec<ProfileRole>,
    pub tags: Tags,
}

/// A role of an instance profile, with what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProfileRole {
    pub role_name: String,
    /// Names of managed policies.
    pub attached_policies: Vec<String>,
    /// Names of policies of its own.
    pub inline_policies: Vec<String>,
}

/// An operation on instances that succeeded, as CloudTrail keeps it for 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InstanceEvent {
    pub event_id: String,
    /// `StartInstances`, `StopInstances`, `RebootInstances` or `TerminateInstances`.
    pub event_name: String,
    /// RFC 3339.
    pub event_time: Option<String>,
    pub instance_ids: Vec<String>,
    /// Whether a service of AWS did it by itself, as Auto Scaling does, and no person or program of the account's.
    pub by_service: bool,
    pub region: String,
}
