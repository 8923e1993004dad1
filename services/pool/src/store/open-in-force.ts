import type { InForce } from '../domain/in-force.js';
import type { Collection, CollectionStore } from '../ports/collections.js';

/** Opens the collection of the document of the pools in force, making it when it is not there yet. */
export function openInForce(store: CollectionStore): Promise<Collection<InForce>> {
  return store.collection({
    name: 'pool_in_force',
    indexes: [{ name: 'answered', fields: ['answeredIds'], unique: true }],
  });
}
