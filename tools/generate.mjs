// Makes proto/gen from the .proto files: TypeScript by ts-proto, and the descriptor set for reflection.
// Third-party protos (google/api, google/rpc) are copied out of the dev dependency google-proto-files.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const third = join(root, 'proto/third_party');
const google = join(root, 'node_modules/google-proto-files/google');

rmSync(third, { recursive: true, force: true });
for (const file of ['api/annotations.proto', 'api/http.proto', 'rpc/status.proto', 'rpc/error_details.proto']) {
  mkdirSync(dirname(join(third, 'google', file)), { recursive: true });
  cpSync(join(google, file), join(third, 'google', file));
}
const buf = (...args) => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root, stdio: 'inherit' });
buf('generate');
buf('build', '-o', 'proto/gen/descriptor.binpb');
