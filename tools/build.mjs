// Builds what runs without TypeScript: bundles of berthd and of the CLI, each with everything it needs in it: reading a few
// files instead of some hundred modules halves the time to start. Programs that run meanwhile are not disturbed.
// `--packages` also makes tarballs of @berth/client, @berth/cli and @berth/berthd in dist/, which install without the repository;
// `--executable [PLATFORM]` makes dist/berth-PLATFORM, one file that needs no Node.js;
// `--image FOLDER` puts berthd and berth there, as a container image has them.
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await Promise.all([bundle(join(root, 'services/berthd'), 'berthd'), bundle(join(root, 'clients/cli'), 'berth')]);
} catch (error) {
  // esbuild has told what is wrong with the source.
  if (error.errors === undefined) console.error(error);
  process.exit(1);
}
const flags = process.argv.slice(2);
if (flags[0] === '--packages') {
  const { packAll } = await import('./packages.mjs');
  for (const tarball of await packAll(join(root, 'dist'))) console.log(relative(root, tarball));
} else if (flags[0] === '--executable') {
  const { makeExecutable, PLATFORMS } = await import('./executable.mjs');
  const { PLATFORM } = await import('./node-program.mjs');
  const [, platform = PLATFORM] = flags;
  if (!PLATFORMS.includes(platform)) {
    console.error(`no executable can be made for ${platform}; there are ${PLATFORMS.join(', ')}`);
    process.exit(64);
  }
  console.log(relative(root, await makeExecutable(join(root, 'dist'), platform)));
} else if (flags[0] === '--image' && flags[1] !== undefined) {
  const { stagePrograms } = await import('./packages.mjs');
  await stagePrograms(flags[1]);
} else if (flags.length > 0) {
  console.error(`unknown flags ${flags.join(' ')}; there are --packages, --executable [PLATFORM] and --image FOLDER`);
  process.exit(64);
}
