//! Volumes and elastic addresses.

use aws_sdk_ec2::types as sdk;

use super::{PAGE, Pick, describe, no_id, tags};
use crate::session::{Session, all_pages};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Address, Volume, VolumeAttachment};

/// Volumes, by id; the ids of `pick` are those of instances.
pub(crate) async fn volumes(session: &Session, pick: Pick<'_>) -> Result<Vec<Volume>, Unreadable> {
    const ACTION: &str = "ec2:DescribeVolumes";
    let filters = pick.filters("attachment.instance-id");
    let rows = describe!(session, ACTION, PAGE, filters, describe_volumes, set_filters, volumes);
    let mut rows = rows.into_iter().map(volume).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.volume_id.cmp(&b.volume_id));
    Ok(rows)
}

/// All elastic addresses of the region, by address: AWS gives them in one page.
pub(crate) async fn addresses(session: &Session) -> Result<Vec<Address>, Unreadable> {
    const ACTION: &str = "ec2:DescribeAddresses";
    let reply = session.call(ACTION, session.ec2.describe_addresses().send()).await?;
    let rows = reply.addresses.unwrap_or_default().into_iter();
    let mut rows = rows.map(address).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.sort_by(|a, b| a.public_ip.cmp(&b.public_ip));
    Ok(rows)
}

fn volume(raw: sdk::Volume) -> Option<Volume> {
    let mut attachments: Vec<_> = raw
        .attachments
        .unwrap_or_default()
        .into_iter()
        .filter_map(|raw| {
            Some(VolumeAttachment {
                instance_id: raw.instance_id?,
                device: raw.device,
                delete_on_termination: raw.delete_on_termination.unwrap_or_default(),
            })
        })
        .collect();
    attachments.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    Some(Volume {
        volume_id: raw.volume_id?,
        size: raw.size.map(i64::from).unwrap_or_default(),
        volume_type: raw.volume_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        encrypted: raw.encrypted.unwrap_or_default(),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        availability_zone: raw.availability_zone.unwrap_or_default(),
        attachments,
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn address(raw: sdk::Address) -> Option<Address> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    Some(Address {
        public_ip: raw.public_ip?,
        allocation_id: filled(raw.allocation_id),
        association_id: filled(raw.association_id),
        instance_id: filled(raw.instance_id),
        network_interface_id: filled(raw.network_interface_id),
        region: String::new(),
        tags: tags(raw.tags),
    })
}
