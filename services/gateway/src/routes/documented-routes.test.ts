import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { AGLAIS_ROUTES } from './aglais/aglais-routes.js';
import { RECORD_ROUTES } from './machines/machine-routes.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/http.md'), 'utf8');

test('every route of records and of capacity stands on the page, with its parameters', (t) => {
  for (const { url, parameters } of [...AGLAIS_ROUTES, ...RECORD_ROUTES]) {
    const path = url.replace('/:kind', '/KIND').replace(':name', 'NAME').replace(':id', 'ID').replace('*', 'ID');
    t.true(new RegExp(`\`[^\`]*${path}\``).test(PAGE), path);
    for (const name of parameters) t.true(new RegExp(`[\`?&]${name}[\`=]`).test(PAGE), `${path} ${name}`);
  }
});
