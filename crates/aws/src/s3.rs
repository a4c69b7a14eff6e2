//! Buckets and their objects.

use std::sync::Arc;

use aws_sdk_s3::config::{Builder, Region};

use super::errors::{incomplete, unset};
use super::session::{Session, all_pages, for_each};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Bucket, Object, PublicAccessBlock, Tags};

/// Objects of a bucket that are listed: one request.
const OBJECTS: usize = 1000;

/// All buckets of the account with region and tags, by name; who may read them is not asked yet.
pub(super) async fn buckets(session: &Arc<Session>) -> Result<Vec<Bucket>, Unreadable> {
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
    let mut rows = for_each(rows, |mut bucket| {
        let session = Arc::clone(session);
        async move {
            if bucket.region.is_empty() {
                bucket.region = location(&session, &bucket.name).await?;
            }
            bucket.tags = tags(&session, &bucket).await?;
            Ok(vec![bucket])
        }
    })
    .await?;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

async fn location(session: &Session, name: &str) -> Result<String, Unreadable> {
    const ACTION: &str = "s3:GetBucketLocation";
    let reply = session.call(ACTION, session.s3.get_bucket_location().bucket(name).send()).await?;
    let constraint = reply.location_constraint.map(|place| place.as_str().to_owned());
    // The first region has no name there, and Ireland an old one.
    Ok(match constraint.as_deref() {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    })
}

/// A request goes to the bucket's own region: any other answers with a redirect.
fn at(bucket: &Bucket) -> Builder {
    Builder::new().region(Region::new(bucket.region.clone()))
}

async fn tags(session: &Session, bucket: &Bucket) -> Result<Tags, Unreadable> {
    let request = session.s3.get_bucket_tagging().bucket(&bucket.name).customize().config_override(at(bucket));
    let asked = async { unset(request.send().await, "NoSuchTagSet") };
    let reply = session.call("s3:GetBucketTagging", asked).await?;
    Ok(reply.into_iter().flat_map(|reply| reply.tag_set).map(|tag| (tag.key, tag.value)).collect())
}

/// The same buckets with what keeps the public out.
pub(super) async fn with_access(session: &Arc<Session>, buckets: Vec<Bucket>) -> Result<Vec<Bucket>, Unreadable> {
    for_each(buckets, |mut bucket| {
        let session = Arc::clone(session);
        async move {
            let request = session.s3.get_public_access_block().bucket(&bucket.name);
            let request = request.customize().config_override(at(&bucket));
            let asked = async { unset(request.send().await, "NoSuchPublicAccessBlockConfiguration") };
            let reply = session.call("s3:GetBucketPublicAccessBlock", asked).await?;
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
            let reply = session.call("s3:GetBucketPolicyStatus", asked).await?;
            let status = reply.and_then(|reply| reply.policy_status);
            bucket.is_public = status.map(|status| status.is_public.unwrap_or_default());
            Ok(vec![bucket])
        }
    })
    .await
}

/// The first objects of each bucket, by bucket, then key; tells each bucket whether it holds more.
pub(super) async fn objects(session: &Arc<Session>, buckets: &mut [Bucket]) -> Result<Vec<Object>, Unreadable> {
    const ACTION: &str = "s3:ListBucket";
    let listings = for_each(buckets.to_vec(), |bucket| {
        let session = Arc::clone(session);
        async move {
            let request = session.s3.list_objects_v2().bucket(&bucket.name).max_keys(OBJECTS as i32);
            let reply = session.call(ACTION, request.customize().config_override(at(&bucket)).send()).await?;
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
            Ok(vec![(objects, reply.is_truncated.unwrap_or_default())])
        }
    })
    .await?;
    let mut rows = Vec::new();
    for (bucket, (objects, truncated)) in buckets.iter_mut().zip(listings) {
        bucket.objects_truncated = Some(truncated);
        rows.extend(objects);
    }
    Ok(rows)
}
