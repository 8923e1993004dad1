import type { Cluster } from '../model/cluster.js';
import { labOf } from '../model/names.js';

/** The root cluster that is there from the start. */
const DEFAULT_ROOT = 'default';

/** Whether a root cluster belongs to Berth: it is there without being made, and cannot be deleted. */
export function isBuiltIn(root: string): boolean {
  return root === DEFAULT_ROOT || labOf(root) !== undefined;
}

/** A root cluster that is there without being made; undefined for one that has to be made. */
export function rootCluster(root: string): Cluster | undefined {
  if (!isBuiltIn(root)) return undefined;
  const lab = labOf(root);
  return {
    name: root,
    description: lab === undefined ? '' : `The benches of lab '${lab}': one amount each.`,
    owner: '',
    kind: '',
    units: {},
    timeZone: 'UTC',
    labels: {},
    sizes: [],
    origin: lab === undefined ? '' : 'inventory',
    createdMs: 0,
    updatedMs: 0,
    version: 1,
  };
}
