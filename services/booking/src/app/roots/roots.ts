import { rootOf } from '../../domain/model/names.js';
import { noSuchCluster } from '../../domain/plan/refusals.js';
import type { RootReplicaDeps } from './root-replica.js';
import { RootReplica } from './root-replica.js';

/** The root that is there from the start; templates lie in it. */
export const DEFAULT_ROOT = 'default';

/** The roots that this process follows. */
export class Roots {
  readonly #replicas = new Map<string, RootReplica>();
  readonly #found = new Set<(replica: RootReplica) => void>();
  #started = false;

  constructor(private readonly deps: RootReplicaDeps) {}

  /** Calls `found` with each root that is followed, also later, until what this answers is called. */
  onFound(found: (replica: RootReplica) => void): () => void {
    this.#found.add(found);
    for (const replica of this.#replicas.values()) found(replica);
    return () => {
      this.#found.delete(found);
    };
  }

  /** Follows all roots that there are. Throws STORE_UNAVAILABLE. */
  async start(): Promise<void> {
    this.#started = true;
    await this.deps.ledgers.add(DEFAULT_ROOT);
    await this.refresh();
    // Each is read now: a start is not over before the ledgers are.
    await Promise.all([...this.#replicas.values()].map((replica) => replica.read(() => undefined)));
  }

  /** Follows also the roots that other processes made. */
  async refresh(): Promise<void> {
    for (const root of await this.deps.ledgers.roots()) this.#follow(root);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#replicas.values()].map((replica) => replica.stop()));
  }

  get all(): readonly RootReplica[] {
    return [...this.#replicas.values()];
  }

  /** The root of a cluster, which the field `path` names. Throws NO_SUCH_CLUSTER when there is no such root. */
  async of(cluster: string, path?: string): Promise<RootReplica> {
    const found = await this.find(cluster);
    if (found === undefined) throw noSuchCluster(cluster, path);
    return found;
  }

  /** The root of a cluster; undefined when there is none. */
  async find(cluster: string): Promise<RootReplica | undefined> {
    const root = rootOf(cluster);
    const known = this.#replicas.get(root);
    if (known !== undefined) return known;
    return (await this.deps.ledgers.has(root)) ? this.#follow(root) : undefined;
  }

  /** The root with this name, made when it is not there: its ledger may stay empty. */
  async add(root: string): Promise<RootReplica> {
    const known = this.#replicas.get(root);
    if (known !== undefined) return known;
    await this.deps.ledgers.add(root);
    return this.#follow(root);
  }

  /**
   * The root in which there is something, by `has`; undefined when there is none. What this process has read is looked at
   * first; what another one made a moment ago is found once all are read on.
   */
  async having(has: (state: RootReplica['hint']) => boolean): Promise<RootReplica | undefined> {
    const known = this.all.find(({ hint }) => has(hint));
    if (known !== undefined) return known;
    await this.refresh();
    const found = await Promise.all(this.all.map((replica) => replica.read((state) => has(state) && replica)));
    return found.find((replica) => replica !== false);
  }

  #follow(root: string): RootReplica {
    const known = this.#replicas.get(root);
    if (known !== undefined) return known;
    const replica = new RootReplica(root, this.deps);
    this.#replicas.set(root, replica);
    for (const found of this.#found) found(replica);
    if (this.#started) replica.start();
    return replica;
  }
}
