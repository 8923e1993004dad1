// Makes proto/gen from the .proto files: TypeScript by ts-proto, and the descriptor set for reflection. Does nothing
// when nothing that it is made from has changed; `--force` makes it anew.
// Third-party protos (google/api, google/rpc) are copied out of the dev dependency google-proto-files.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const third = join(root, 'proto/third_party');
const google = join(root, 'node_modules/google-proto-files/google');
const gen = join(root, 'proto/gen');
const stampFile = join(gen, '.stamp');
const copied = ['api/annotations.proto', 'api/http.proto', 'rpc/status.proto', 'rpc/error_details.proto'];

function inputs() {
  const protos = readdirSync(join(root, 'proto/berth'), { recursive: true })
    .filter((name) => name.endsWith('.proto'))
    .sort()
    .map((name) => join('proto/berth', name));
  const packages = ['ts-proto', '@bufbuild/buf', 'google-proto-files'].map(
    (name) => `node_modules/${name}/package.json`,
  );
  return [...protos, ...packages, 'buf.yaml', 'buf.gen.yaml', 'tools/generate.mjs'];
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const name of inputs())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return hash.digest('hex');
}

function copyThirdParty() {
  for (const file of copied) {
    const to = join(third, 'google', file);
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to) || !readFileSync(to).equals(readFileSync(join(google, file)))) cpSync(join(google, file), to);
  }
}

function upToDate(stamp) {
  return (
    copied.every((file) => existsSync(join(third, 'google', file))) &&
    existsSync(join(gen, 'descriptor.binpb')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp
  );
}

function generate(stamp) {
  copyThirdParty();
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Made aside and moved in, so that whoever reads proto/gen meanwhile sees the old or the new one, never a half.
  const aside = mkdtempSync(join(root, '.cache/generate-'));
  try {
    const buf = (...args) => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root, stdio: 'inherit' });
    buf('generate', '-o', aside);
    buf('build', '-o', join(aside, 'proto/gen/descriptor.binpb'));
    writeFileSync(join(aside, 'proto/gen/.stamp'), stamp);
    if (existsSync(gen)) renameSync(gen, join(aside, 'old'));
    renameSync(join(aside, 'proto/gen'), gen);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const stamp = fingerprint();
if (process.argv.includes('--force') || !upToDate(stamp)) {
  generate(stamp);
  console.log('proto/gen: generated');
}
