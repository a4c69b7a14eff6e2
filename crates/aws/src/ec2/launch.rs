//! What instances are made from: user data, key pairs, images, launch templates.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use super::{PAGE, no_id, tags};
use crate::autoscaling::{DEFAULT, LATEST};
use crate::found::Rows;
use crate::session::{Key, Session, all_pages, rows_of};
use crate::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, Image, KeyPair, LaunchTemplate, LaunchTemplateVersion, UserData};

/// Rows of a page of launch templates; AWS takes up to 200.
const TEMPLATES: i32 = 200;
/// Values of one filter; AWS takes 200.
const FILTER_VALUES: usize = 100;

/// User data of these instances, by instance.
pub(crate) async fn user_data(session: &Arc<Session>, instances: Vec<String>) -> Rows<UserData> {
    const ACTION: &str = "ec2:DescribeInstanceAttribute";
    let by_instance: Key<String> = Key { field: "instance_id", of: |id| id };
    rows_of(instances, by_instance, |id| {
        let session = Arc::clone(session);
        async move {
            let request = session.ec2.describe_instance_attribute().instance_id(&id);
            let asked = request.attribute(sdk::InstanceAttributeName::UserData).send();
            let Some(reply) = session.call_unless_gone(ACTION, asked).await? else { return Ok(None) };
            let encoded = reply.user_data.and_then(|data| data.value);
            let decoded = encoded.filter(|encoded| !encoded.is_empty()).map(|encoded| text::user_data(&encoded));
            let bytes = decoded.as_ref().map(|decoded| decoded.bytes).unwrap_or_default();
            Ok(Some(vec![UserData { instance_id: id, text: decoded.map(|decoded| decoded.text), bytes }]))
        }
    })
    .await
}

/// All key pairs of the region, by name: AWS gives them in one page.
pub(crate) async fn key_pairs(session: &Session) -> Result<Vec<KeyPair>, Unreadable> {
    const ACTION: &str = "ec2:DescribeKeyPairs";
    let reply = session.call(ACTION, session.ec2.describe_key_pairs().send()).await?;
    let rows = reply.key_pairs.unwrap_or_default().into_iter();
    let mut rows = rows.map(key_pair).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.sort_by(|a, b| a.key_name.cmp(&b.key_name));
    Ok(rows)
}

/// Images that `account` owns and those with these ids, by id.
pub(crate) async fn images(session: &Session, account: &str, ids: &BTreeSet<String>) -> Result<Vec<Image>, Unreadable> {
    const ACTION: &str = "ec2:DescribeImages";
    let own = async |token| {
        let request = session.ec2.describe_images().owners("self").max_results(PAGE);
        let reply = session.call(ACTION, request.set_next_token(token).send()).await?;
        Ok((reply.images.unwrap_or_default(), reply.next_token))
    };
    let mut rows = all_pages(ACTION, own).await?;
    let known: BTreeSet<_> = rows.iter().filter_map(|image| image.image_id.clone()).collect();
    let others: Vec<_> = ids.difference(&known).cloned().collect();
    for ids in others.chunks(FILTER_VALUES) {
        // As a filter, for an image that is deregistered makes a request by id fail.
        let filter = super::filter("image-id", ids.iter().cloned());
        let page = async |token| {
            let request = session.ec2.describe_images().filters(filter.clone()).max_results(PAGE);
            let reply = session.call(ACTION, request.set_next_token(token).send()).await?;
            Ok((reply.images.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let rows = rows.into_iter().map(|raw| image(raw, account));
    let mut rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.sort_by(|a, b| a.image_id.cmp(&b.image_id));
    rows.dedup_by(|a, b| a.image_id == b.image_id);
    Ok(rows)
}

/// All launch templates of the region, by name, without their versions.
pub(crate) async fn launch_templates(session: &Session) -> Result<Vec<LaunchTemplate>, Unreadable> {
    const ACTION: &str = "ec2:DescribeLaunchTemplates";
    let page = async |token| {
        let request = session.ec2.describe_launch_templates().max_results(TEMPLATES).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.launch_templates.unwrap_or_default(), reply.next_token))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(launch_template);
    let mut rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.sort_by(|a, b| a.launch_template_name.cmp(&b.launch_template_name));
    Ok(rows)
}

/// The same templates with their default and latest versions, and those that these groups launch from, if the groups are known;
/// one whose versions could not be read is missing.
pub(crate) async fn with_versions(
    session: &Arc<Session>,
    templates: Vec<LaunchTemplate>,
    groups: Option<&[AutoScalingGroup]>,
) -> Rows<LaunchTemplate> {
    const ACTION: &str = "ec2:DescribeLaunchTemplateVersions";
    let by_id: Key<LaunchTemplate> = Key { field: "launch_template_id", of: |template| &template.launch_template_id };
    rows_of(templates, by_id, |mut template| {
        let session = Arc::clone(session);
        let users = groups.map(|groups| users_of(&template, groups));
        async move {
            let numbers: BTreeSet<String> =
                users.iter().flatten().map(|user| user.version.clone()).filter(|name| !name.starts_with('$')).collect();
            let page = async |token| {
                let request = session.ec2.describe_launch_template_versions().set_next_token(token);
                let request = request.launch_template_id(&template.launch_template_id);
                let request = numbers.iter().fold(request, |request, number| request.versions(number));
                let reply = session.call(ACTION, request.versions(DEFAULT).versions(LATEST).send()).await?;
                Ok((reply.launch_template_versions.unwrap_or_default(), reply.next_token))
            };
            let mut versions: Vec<_> = all_pages(ACTION, page).await?.into_iter().map(version).collect();
            versions.sort_by_key(|version| version.version_number);
            versions.dedup_by_key(|version| version.version_number);
            let latest = template.latest_version_number;
            versions
                .iter_mut()
                .for_each(|version| version.auto_scaling_group_names = launching(version, latest, &users));
            template.versions = versions;
            Ok(Some(vec![template]))
        }
    })
    .await
}

/// An Auto Scaling group that launches from a template, and the version that it names.
struct User {
    group: String,
    version: String,
}

/// The groups that launch from a template.
fn users_of(template: &LaunchTemplate, groups: &[AutoScalingGroup]) -> Vec<User> {
    let is_it = |named: &String| *named == template.launch_template_name || *named == template.launch_template_id;
    let users = groups.iter().filter(|group| group.launch_template.as_ref().is_some_and(is_it));
    let version =
        |group: &AutoScalingGroup| group.launch_template_version.clone().unwrap_or_else(|| DEFAULT.to_owned());
    users.map(|group| User { group: group.auto_scaling_group_name.clone(), version: version(group) }).collect()
}

/// Names of the groups that launch from this version; nothing where the groups are not known.
fn launching(version: &LaunchTemplateVersion, latest: i64, users: &Option<Vec<User>>) -> Option<Vec<String>> {
    let is_it = |user: &&User| match user.version.as_str() {
        DEFAULT => version.default_version,
        LATEST => version.version_number == latest,
        number => number == version.version_number.to_string(),
    };
    let names = |users: &Vec<User>| users.iter().filter(is_it).map(|user| user.group.clone()).collect();
    users.as_ref().map(names)
}

fn key_pair(raw: sdk::KeyPairInfo) -> Option<KeyPair> {
    Some(KeyPair {
        key_name: raw.key_name?,
        key_pair_id: raw.key_pair_id,
        key_type: raw.key_type.map(|kind| kind.as_str().to_owned()),
        create_time: text::time(raw.create_time),
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn image(raw: sdk::Image, account: &str) -> Option<Image> {
    let owner_id = raw.owner_id.unwrap_or_default();
    Some(Image {
        image_id: raw.image_id?,
        name: raw.name.unwrap_or_default(),
        description: raw.description.unwrap_or_default(),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        public: raw.public.unwrap_or_default(),
        creation_date: raw.creation_date,
        is_own: owner_id == account,
        owner_id,
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn launch_template(raw: sdk::LaunchTemplate) -> Option<LaunchTemplate> {
    Some(LaunchTemplate {
        launch_template_id: raw.launch_template_id?,
        launch_template_name: raw.launch_template_name?,
        default_version_number: raw.default_version_number.unwrap_or_default(),
        latest_version_number: raw.latest_version_number.unwrap_or_default(),
        versions: Vec::new(),
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn version(raw: sdk::LaunchTemplateVersion) -> LaunchTemplateVersion {
    let data = raw.launch_template_data;
    let data = data.unwrap_or_else(|| sdk::ResponseLaunchTemplateData::builder().build());
    let mut security_group_ids = data.security_group_ids.unwrap_or_default();
    let mut subnet_ids = Vec::new();
    for interface in data.network_interfaces.unwrap_or_default() {
        security_group_ids.extend(interface.groups.unwrap_or_default());
        subnet_ids.extend(interface.subnet_id);
    }
    security_group_ids.sort();
    security_group_ids.dedup();
    LaunchTemplateVersion {
        version_number: raw.version_number.unwrap_or_default(),
        default_version: raw.default_version.unwrap_or_default(),
        auto_scaling_group_names: None,
        image_id: data.image_id,
        instance_type: data.instance_type.map(|kind| kind.as_str().to_owned()),
        key_name: data.key_name,
        security_group_ids,
        subnet_ids: Some(subnet_ids),
        iam_instance_profile: data.iam_instance_profile.and_then(|profile| profile.arn.or(profile.name)),
        user_data: data.user_data.filter(|data| !data.is_empty()).map(|data| text::user_data(&data).text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_launches_from_the_version_that_it_names() {
        let version = |number: i64| LaunchTemplateVersion {
            version_number: number,
            default_version: number == 1,
            ..version(sdk::LaunchTemplateVersion::builder().build())
        };
        let user = |group: &str, version: &str| User { group: group.to_owned(), version: version.to_owned() };
        let users = Some(vec![user("a", "$Default"), user("b", "$Latest"), user("c", "2"), user("d", "3")]);
        let launching = |number| launching(&version(number), 3, &users).map(|names| names.join(" "));
        assert_eq!([1, 2, 3].map(launching), ["a", "c", "b d"].map(|names| Some(names.to_owned())));
        assert_eq!(super::launching(&version(1), 3, &None), None, "which groups there are is not known");
    }
}
