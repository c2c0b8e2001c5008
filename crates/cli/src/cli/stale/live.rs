//! Reads a cluster that runs: through kubectl, or in a Pod from the API server itself.

use fresh_images_stale::Cluster;

use super::super::args::Stale;

/// How many objects a page has.
const PAGE: usize = 500;

/// What objects are read from.
pub(super) trait Api {
    /// Reads an object, or a page of a list, and gives the name of the next page.
    fn get(&self, path: &str, cluster: &mut Cluster) -> Result<Option<String>, String>;

    /// The namespace if the user names none.
    fn namespace(&self) -> Result<String, String>;
}

/// Reads Pods, Nodes and ReplicaSets. Nodes and ReplicaSets may be forbidden; then less is known, and the report says so.
pub(super) fn read(args: &Stale, api: &dyn Api, cluster: &mut Cluster) -> Result<(), String> {
    let namespace = match (&args.kubectl_namespace, args.all_namespaces) {
        (_, true) => None,
        (Some(name), false) => Some(name.clone()),
        (None, false) => Some(api.namespace()?),
    };
    let within = namespace.map(|name| format!("namespaces/{name}/")).unwrap_or_default();
    pages(api, &format!("/api/v1/{within}pods"), cluster)?;
    for path in [format!("/apis/apps/v1/{within}replicasets"), "/api/v1/nodes".into()] {
        if let Err(problem) = pages(api, &path, cluster) {
            cluster.notes.push(problem);
        }
    }
    Ok(())
}

fn pages(api: &dyn Api, path: &str, cluster: &mut Cluster) -> Result<(), String> {
    let mut next = Some(String::new());
    while let Some(page) = next.take() {
        let query = if page.is_empty() { String::new() } else { format!("&continue={page}") };
        next = api.get(&format!("{path}?limit={PAGE}{query}"), cluster)?;
    }
    Ok(())
}
