// A client in a process of its own, for tests that kill it: takes a bench, says so, and holds it until it is killed.
// Arguments: address, bench.
import { connect } from '@berth/client';

const [, , address = '', bench = ''] = process.argv;
const handle = await connect({ address, user: 'holder' }).acquire({ bench });
process.stdout.write(`held ${handle.id}\n`);
