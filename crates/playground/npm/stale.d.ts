// What runs stale in a cluster. `stale.schema.json` of the project describes what `fresh-images stale --output json` prints;
// these are its fields, as far as they are known without a registry.

/** `stale` and `split` need a look, `unknown` says why there is no answer, `unchecked` needs a registry. */
export type Verdict = 'stale' | 'split' | 'unknown' | 'unchecked' | 'pinned' | 'fresh'

/** What runs on a node. */
export interface Instance {
  /** Empty if the Pods are not bound to one. */
  node: string
  /** The digest that the status names. */
  running: string
  /** When the first of them was started, as RFC 3339. */
  started?: string
  /** The names of the Pods. */
  pods: string[]
}

/** One verdict on one container of one workload. */
export interface Finding {
  verdict: Verdict
  /** The stable name of what was found: `split-content`, `stale-on-node`. */
  code: string
  namespace: string
  /** The controller of the Pods, or the Pod itself. */
  kind: string
  name: string
  in: 'container' | 'init container' | 'ephemeral container' | 'image volume'
  container: string
  /** The image of the spec. */
  image: string
  /** The effective pull policy. */
  pullPolicy: string
  /** Why there is no verdict, or what was not compared. */
  reason?: string
  instances: Instance[]
  /** What would help, each with its own fields. */
  help: { help: string; [field: string]: unknown }[]
  /** The finding in one sentence. */
  summary: string
  /** What runs where, and what would help, one sentence each. */
  details: string[]
}

/** What runs. */
export interface Report {
  /** Nothing is stale or split, as far as the cluster itself knows. */
  ok: boolean
  pods: number
  containers: number
  images: number
  /** How many containers have each verdict; for `split`, how many workloads. */
  summary: Record<Verdict, number>
  /** The worst first. */
  findings: Finding[]
  notes: string[]
}

/**
 * Says which workloads run two contents under one tag, and which containers run what the tag of their node no longer names.
 * No registry is asked.
 *
 * @param cluster What `kubectl get pods,nodes,replicasets -A -o json` prints.
 * @throws SyntaxError if it is not JSON, or a Pod's fields have wrong types.
 */
export function stale(cluster: string): Report
