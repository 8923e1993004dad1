import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { MethodAccess } from '@berth/server';
import { berthdCommandLine } from '@berth/testkit';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

/** The least role of each method, as the page has it. */
function onThePage(): string[] {
  const page = readFileSync(join(ROOT, 'docs/reference/access.md'), 'utf8');
  return page.split(/^## /m).flatMap((section) => {
    const [service = ''] = section.split('\n', 1);
    return [...section.matchAll(/^\| `(\w+)` *\| `(\w+)` *\|$/gm)].map(
      ([, method = '', access = '']) => `/${service}/${method} ${access}`,
    );
  });
}

function inForce(): readonly MethodAccess[] {
  const [program, ...args] = berthdCommandLine();
  return JSON.parse(execFileSync(program, [...args, 'access', '-o', 'json'], { encoding: 'utf8' })) as MethodAccess[];
}

test('the page of access has every method with its least role, and no other', (t) => {
  const methods = inForce();
  t.deepEqual(onThePage().sort(), methods.map(({ method, access }) => `${method} ${access}`).sort());
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(join(ROOT, 'proto/gen/descriptor.binpb')));
  const declared = set.file.flatMap(({ package: name, service }) =>
    service.flatMap((one) => one.method.map((method) => `/${name}.${one.name}/${method.name}`)),
  );
  t.true(declared.length > 100);
  t.deepEqual(
    declared.filter((path) => !methods.some(({ method }) => method === path)),
    [],
    'every method of the descriptor set has an access',
  );
});
