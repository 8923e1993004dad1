import test from 'ava';
import { Faults } from './faults.js';
import { parseUpdateMask } from './update-mask.js';

const KNOWN = ['location', 'labels', 'range.end'] as const;

function parse(mask: readonly string[] | undefined, set: readonly string[] = []) {
  const faults = new Faults();
  const paths = parseUpdateMask(mask, KNOWN, (path) => set.includes(path), faults);
  return { paths, faults: faults.found.map(({ field, description }) => `${field}: ${description}`) };
}

test('a mask names the fields, without one those that are set are meant', (t) => {
  t.deepEqual(parse(['labels', 'range.end'], ['location']), { paths: ['labels', 'range.end'], faults: [] });
  t.deepEqual(parse(undefined, ['location']), { paths: ['location'], faults: [] });
  t.deepEqual(parse([], ['labels', 'location']).paths, ['location', 'labels']);
});

test('an unknown field is told with the nearest one, an update of nothing with all', (t) => {
  t.deepEqual(parse(['labels', 'lables']).faults, [
    "update_mask.paths[1]: unknown field 'lables'; did you mean 'labels'? Allowed are location, labels, range.end",
  ]);
  t.deepEqual(parse([]).faults, [
    'update_mask: is empty and no field is set, so nothing would change; to clear a field name it: location, labels, range.end',
  ]);
});
