//! ECS services, with the tags of their clusters, and the task definitions that they run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ecs::types as sdk;

use super::errors::incomplete;
use super::found::Rows;
use super::session::{Key, Session, all_pages, rows_of};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    EcsContainer, EcsEvent, EcsLoadBalancer, EcsPortMapping, EcsService, EcsTaskDefinition, Tags,
};

/// Services of one DescribeServices call.
const SERVICES: usize = 10;
/// Clusters of one DescribeClusters call.
const CLUSTERS: usize = 100;

/// All services of the region, by cluster, then name.
pub(super) async fn services(session: &Arc<Session>) -> Rows<EcsService> {
    const ACTION: &str = "ecs:ListClusters";
    let page = async |token| {
        let reply = session.call(ACTION, session.ecs.list_clusters().set_next_token(token).send()).await?;
        let rows = reply.cluster_arns.ok_or_else(|| incomplete(ACTION, "no list of clusters"))?;
        Ok((rows, reply.next_token))
    };
    let clusters = all_pages(ACTION, page).await?;
    let cluster_tags = tags_of_clusters(session, &clusters).await?;
    let clusters = clusters.into_iter().map(|arn| {
        let tags = cluster_tags.get(&arn).cloned().unwrap_or_default();
        (arn, tags)
    });
    let by_cluster: Key<(String, Tags)> =
        Key { field: "cluster", of: |(arn, _)| arn.rsplit('/').next().unwrap_or_default() };
    let mut found = rows_of(clusters.collect(), by_cluster, |(cluster, tags)| {
        let session = Arc::clone(session);
        async move { services_of(&session, &cluster, &tags).await.map(Some) }
    })
    .await?;
    found.rows.sort_by(|a, b| (&a.cluster, &a.service_name).cmp(&(&b.cluster, &b.service_name)));
    Ok(found)
}

async fn tags_of_clusters(session: &Session, arns: &[String]) -> Result<BTreeMap<String, Tags>, Unreadable> {
    let mut found = BTreeMap::new();
    for arns in arns.chunks(CLUSTERS) {
        let request = session.ecs.describe_clusters().set_clusters(Some(arns.to_vec()));
        let request = request.include(sdk::ClusterField::Tags);
        let reply = session.call("ecs:DescribeClusters", request.send()).await?;
        let clusters = reply.clusters.unwrap_or_default().into_iter();
        found.extend(clusters.filter_map(|cluster| Some((cluster.cluster_arn?, tags(cluster.tags)))));
    }
    Ok(found)
}

async fn services_of(session: &Session, cluster: &str, cluster_tags: &Tags) -> Result<Vec<EcsService>, Unreadable> {
    const LIST: &str = "ecs:ListServices";
    const DESCRIBE: &str = "ecs:DescribeServices";
    let page = async |token| {
        let request = session.ecs.list_services().cluster(cluster).set_next_token(token);
        let reply = session.call(LIST, request.send()).await?;
        let rows = reply.service_arns.ok_or_else(|| incomplete(LIST, "no list of services"))?;
        Ok((rows, reply.next_token))
    };
    let arns = all_pages(LIST, page).await?;
    let mut rows = Vec::new();
    for arns in arns.chunks(SERVICES) {
        let request = session.ecs.describe_services().cluster(cluster).set_services(Some(arns.to_vec()));
        let reply = session.call(DESCRIBE, request.include(sdk::ServiceField::Tags).send()).await?;
        rows.extend(reply.services.unwrap_or_default());
    }
    let rows = rows.into_iter().map(|raw| service(raw, cluster_tags)).collect::<Option<Vec<_>>>();
    rows.ok_or_else(|| incomplete(DESCRIBE, "a service without a name"))
}

/// The task definitions with these ARNs, by ARN.
pub(super) async fn task_definitions(session: &Arc<Session>, arns: BTreeSet<String>) -> Rows<EcsTaskDefinition> {
    const ACTION: &str = "ecs:DescribeTaskDefinition";
    let by_arn: Key<String> = Key { field: "task_definition_arn", of: |arn| arn };
    rows_of(arns.into_iter().collect(), by_arn, |arn| {
        let session = Arc::clone(session);
        async move {
            let request = session.ecs.describe_task_definition().task_definition(&arn);
            let raw = session.call(ACTION, request.send()).await?.task_definition;
            let raw = raw.ok_or_else(|| incomplete(ACTION, "no task definition"))?;
            Ok(Some(vec![task_definition(arn, raw)]))
        }
    })
    .await
}

/// What follows the last slash of an ARN.
fn name_of(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

fn service(raw: sdk::Service, cluster_tags: &Tags) -> Option<EcsService> {
    let network = raw.network_configuration.and_then(|network| network.awsvpc_configuration);
    let strategy = raw.capacity_provider_strategy.unwrap_or_default().into_iter().next();
    // A strategy of Fargate's own providers starts with their name; `FARGATE_SPOT` is Fargate as well.
    let of_provider = strategy.map(|first| match first.capacity_provider.starts_with("FARGATE") {
        true => "FARGATE".to_owned(),
        false => "EC2".to_owned(),
    });
    let public = network.as_ref().and_then(|network| network.assign_public_ip.clone());
    Some(EcsService {
        service_arn: raw.service_arn?,
        service_name: raw.service_name?,
        cluster: raw.cluster_arn.as_deref().map(name_of).unwrap_or_default(),
        status: raw.status.unwrap_or_default(),
        launch_type: raw.launch_type.map(|kind| kind.as_str().to_owned()).or(of_provider).unwrap_or_default(),
        desired_count: raw.desired_count.into(),
        running_count: raw.running_count.into(),
        pending_count: raw.pending_count.into(),
        task_definition: raw.task_definition.unwrap_or_default(),
        load_balancers: raw
            .load_balancers
            .unwrap_or_default()
            .into_iter()
            .map(|raw| EcsLoadBalancer {
                target_group_arn: raw.target_group_arn,
                load_balancer_name: raw.load_balancer_name,
                container_name: raw.container_name,
                container_port: raw.container_port.map(i64::from),
            })
            .collect(),
        subnets: network.as_ref().map(|network| network.subnets.clone()).unwrap_or_default(),
        security_groups: network.and_then(|network| network.security_groups).unwrap_or_default(),
        assign_public_ip: public == Some(sdk::AssignPublicIp::Enabled),
        events: Some(raw.events.unwrap_or_default().into_iter().map(event).collect()),
        cluster_tags: cluster_tags.clone(),
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn event(raw: sdk::ServiceEvent) -> EcsEvent {
    EcsEvent { created_at: text::time(raw.created_at), message: raw.message.unwrap_or_default() }
}

fn task_definition(arn: String, raw: sdk::TaskDefinition) -> EcsTaskDefinition {
    let compatibilities = raw.requires_compatibilities.unwrap_or_default().into_iter();
    EcsTaskDefinition {
        task_definition_arn: arn,
        family: raw.family.unwrap_or_default(),
        network_mode: raw.network_mode.map(|mode| mode.as_str().to_owned()),
        requires_compatibilities: compatibilities.map(|kind| kind.as_str().to_owned()).collect(),
        cpu: raw.cpu,
        memory: raw.memory,
        containers: raw.container_definitions.unwrap_or_default().into_iter().map(container).collect(),
        execution_role_arn: raw.execution_role_arn,
        task_role_arn: raw.task_role_arn,
        region: String::new(),
    }
}

fn container(raw: sdk::ContainerDefinition) -> EcsContainer {
    let environment = raw.environment.unwrap_or_default().into_iter();
    let mut environment_keys: Vec<_> = environment.filter_map(|pair| pair.name).collect();
    environment_keys.sort();
    EcsContainer {
        name: raw.name.unwrap_or_default(),
        image: raw.image.unwrap_or_default(),
        // What is not said is so.
        essential: raw.essential.unwrap_or(true),
        port_mappings: raw
            .port_mappings
            .unwrap_or_default()
            .into_iter()
            .map(|raw| EcsPortMapping {
                container_port: raw.container_port.map(i64::from),
                host_port: raw.host_port.map(i64::from),
                protocol: raw.protocol.map(|protocol| protocol.as_str().to_owned()),
            })
            .collect(),
        environment_keys,
        log_driver: raw.log_configuration.map(|log| log.log_driver.as_str().to_owned()),
    }
}

fn tags(raw: Option<Vec<sdk::Tag>>) -> Tags {
    raw.unwrap_or_default().into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::primitives::DateTime;

    use super::*;

    #[test]
    fn a_service_tells_what_it_did_in_the_order_in_which_aws_does() {
        let event = |seconds, message: &str| {
            sdk::ServiceEvent::builder().created_at(DateTime::from_secs(seconds)).message(message).build()
        };
        let raw = sdk::Service::builder()
            .service_arn("arn:service")
            .service_name("web")
            .events(event(1_795_255_200, "(service web) has reached a steady state."))
            .events(event(1_795_255_140, "(service web) has started 2 tasks: (task a) (task b)."))
            .build();
        let events = service(raw, &Tags::new()).expect("a name").events.expect("read");
        let told: Vec<_> = events.iter().map(|event| event.created_at.as_deref()).collect();
        assert_eq!(told, [Some("2026-11-21T10:00:00Z"), Some("2026-11-21T09:59:00Z")]);
        assert!(events[1].message.contains("started 2 tasks"), "{events:?}");
    }
}
