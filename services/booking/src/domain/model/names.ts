/** What a cluster's name begins with when it is, or is in, the root cluster of a lab: `lab/<lab>`. */
const LABS = 'lab';

/** The root cluster that a cluster is, or is in, by its name: `default` of `default/spark/w`, `lab/x` of `lab/x/y`. */
export function rootOf(cluster: string): string {
  const parts = cluster.split('/');
  return parts.slice(0, parts[0] === LABS ? 2 : 1).join('/');
}

/** The parent of a cluster, by its name; undefined for a root one. */
export function parentOf(cluster: string): string | undefined {
  return cluster === rootOf(cluster) ? undefined : cluster.slice(0, cluster.lastIndexOf('/'));
}

/** The lab whose benches a cluster is made of; undefined when it is not in the root cluster of a lab. */
export function labOf(cluster: string): string | undefined {
  const [first, lab] = rootOf(cluster).split('/');
  return first === LABS ? lab : undefined;
}
