//! Buckets and their objects.

use std::sync::Arc;

use aws_sdk_s3::config::{Builder, Region};

use super::errors::{incomplete, unset};
use super::found::{Found, Rows};
use super::session::{Key, Session, all_pages, rows_of, with_more};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Bucket, Missing, Object, PublicAccessBlock, Tags};

/// Objects of a bucket that are listed: one request.
const OBJECTS: usize = 1000;
/// Buckets are told apart by their names.
const BY_NAME: Key<Bucket> = Key { field: "name", of: |bucket| &bucket.name };

/// All buckets of the account with region and tags, by name; who may read them is not asked yet.
///
/// A bucket whose region or tags may not be read is missing with its name: it may be anybody's. One that is deleted
/// meanwhile is not there.
pub(super) async fn buckets(session: &Arc<Session>) -> Rows<Bucket> {
    const ACTION: &str = "s3:ListAllMyBuckets";
    let page = async |token| {
        let reply = session.call(ACTION, session.s3.list_buckets().set_continuation_token(token).send()).await?;
        Ok((reply.buckets.unwrap_or_default(), reply.continuation_token))
    };
    let rows = all_pages(ACTION, page).await?;
    let rows = rows.into_iter().map(|raw| {
        Some(Bucket {
            name: raw.name?,
            region: raw.bucket_region.unwrap_or_default(),
            creation_date: text::time(raw.creation_date),
            public_access_block: None,
            is_public: None,
            objects_truncated: None,
            tags: Tags::new(),
        })
    });
    let rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| incomplete(ACTION, "a bucket without a name"))?;
    let mut found = rows_of(rows, BY_NAME, |mut bucket| {
        let session = Arc::clone(session);
        async move {
            if bucket.region.is_empty() {
                let Some(region) = location(&session, &bucket.name).await? else { return Ok(None) };
                bucket.region = region;
            }
            let Some(tags) = tags(&session, &bucket).await? else { return Ok(None) };
            bucket.tags = tags;
            Ok(Some(vec![bucket]))
        }
    })
    .await?;
    for gap in &mut found.gaps {
        gap.missing = Missing::Row;
    }
    found.rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// `None` where the bucket is gone.
async fn location(session: &Session, name: &str) -> Result<Option<String>, Unreadable> {
    const ACTION: &str = "s3:GetBucketLocation";
    let asked = session.s3.get_bucket_location().bucket(name).send();
    let Some(reply) = session.call_unless_gone(ACTION, asked).await? else { return Ok(None) };
    let constraint = reply.location_constraint.map(|place| place.as_str().to_owned());
    // The first region has no name there, and Ireland an old one.
    Ok(Some(match constraint.as_deref() {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    }))
}

/// A request goes to the bucket's own region: any other answers with a redirect.
fn at(bucket: &Bucket) -> Builder {
    Builder::new().region(Region::new(bucket.region.clone()))
}

/// `None` where the bucket is gone.
async fn tags(session: &Session, bucket: &Bucket) -> Result<Option<Tags>, Unreadable> {
    let request = session.s3.get_bucket_tagging().bucket(&bucket.name).customize().config_override(at(bucket));
    let asked = async { unset(request.send().await, "NoSuchTagSet") };
    let reply = session.call_unless_gone("s3:GetBucketTagging", asked).await?;
    let tags = |set: Vec<aws_sdk_s3::types::Tag>| -> Tags { set.into_iter().map(|tag| (tag.key, tag.value)).collect() };
    Ok(reply.map(|reply| reply.map(|reply| tags(reply.tag_set)).unwrap_or_default()))
}

/// The same buckets with what keeps the public out.
pub(super) async fn with_access(session: &Arc<Session>, buckets: Vec<Bucket>) -> Found<Bucket> {
    with_more(buckets, BY_NAME, &["public_access_block", "is_public"], |mut bucket| {
        let session = Arc::clone(session);
        async move {
            let request = session.s3.get_public_access_block().bucket(&bucket.name);
            let request = request.customize().config_override(at(&bucket));
            let asked = async { unset(request.send().await, "NoSuchPublicAccessBlockConfiguration") };
            let reply = session.call_unless_gone("s3:GetBucketPublicAccessBlock", asked).await?;
            let Some(reply) = reply else { return Ok(None) };
            let block = reply.and_then(|reply| reply.public_access_block_configuration);
            bucket.public_access_block = block.map(|block| PublicAccessBlock {
                block_public_acls: block.block_public_acls.unwrap_or_default(),
                ignore_public_acls: block.ignore_public_acls.unwrap_or_default(),
                block_public_policy: block.block_public_policy.unwrap_or_default(),
                restrict_public_buckets: block.restrict_public_buckets.unwrap_or_default(),
            });
            let request = session.s3.get_bucket_policy_status().bucket(&bucket.name);
            let request = request.customize().config_override(at(&bucket));
            let asked = async { unset(request.send().await, "NoSuchBucketPolicy") };
            let reply = session.call_unless_gone("s3:GetBucketPolicyStatus", asked).await?;
            let Some(reply) = reply else { return Ok(None) };
            let status = reply.and_then(|reply| reply.policy_status);
            bucket.is_public = status.map(|status| status.is_public.unwrap_or_default());
            Ok(Some(bucket))
        }
    })
    .await
}

/// The first objects of each bucket, by bucket, then key; tells each bucket whether it holds more.
pub(super) async fn objects(session: &Arc<Session>, buckets: &mut [Bucket]) -> Rows<Object> {
    const ACTION: &str = "s3:ListBucket";
    let by_bucket: Key<Bucket> = Key { field: "bucket", of: |bucket| &bucket.name };
    let listings = rows_of(buckets.to_vec(), by_bucket, |bucket| {
        let session = Arc::clone(session);
        async move {
            let request = session.s3.list_objects_v2().bucket(&bucket.name).max_keys(OBJECTS as i32);
            let asked = request.customize().config_override(at(&bucket)).send();
            let Some(reply) = session.call_unless_gone(ACTION, asked).await? else { return Ok(None) };
            let objects = reply.contents.unwrap_or_default().into_iter().map(|raw| {
                Some(Object {
                    bucket: bucket.name.clone(),
                    key: raw.key?,
                    size: raw.size.unwrap_or_default(),
                    last_modified: text::time(raw.last_modified),
                    etag: raw.e_tag.map(|tag| tag.trim_matches('"').to_owned()),
                })
            });
            let objects = objects.collect::<Option<Vec<_>>>();
            let objects = objects.ok_or_else(|| incomplete(ACTION, "an object without a key"))?;
            Ok(Some(vec![(bucket.name.clone(), objects, reply.is_truncated.unwrap_or_default())]))
        }
    })
    .await?;
    let mut found = Found { rows: Vec::new(), gaps: listings.gaps, gone: listings.gone };
    for (name, objects, truncated) in listings.rows {
        if let Some(bucket) = buckets.iter_mut().find(|bucket| bucket.name == name) {
            bucket.objects_truncated = Some(truncated);
        }
        found.rows.extend(objects);
    }
    Ok(found)
}
