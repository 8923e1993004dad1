import type { Clock } from '@berth/kernel';
import { Faults } from '@berth/server';
import type { FastifyInstance } from 'fastify';
import type { Roles } from '../../ports/roles.js';
import { queryOf, readParameters } from '../parameters.js';
import { prefersPage } from './accept.js';
import { pageHtml } from './page/page-html.js';
import { PAGE_POLICY } from './page/page-style.js';
import { pageText } from './page/page-text.js';
import { readLab } from './page/read-lab.js';

/**
 * `GET /`: a lab as people look at it: benches, holders, queue, pools and leaks, as text for curl and as a page without scripts
 * for a browser. `lab=` names another lab than the default.
 */
export function pageRoute(app: FastifyInstance, roles: Roles, clock: Clock): void {
  app.get('/', { exposeHeadRoute: true }, async (request, reply) => {
    const faults = new Faults();
    const lab = readParameters(queryOf(request), { type: 'none' }, ['lab'], faults).text('lab') ?? '';
    faults.throwIfAny();
    const picture = await readLab(roles.for(request.caller), lab, new Date(clock.now()));
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept', 'x-content-type-options': 'nosniff' });
    if (!prefersPage(request.headers.accept)) {
      return reply.type('text/plain; charset=utf-8').send(pageText(picture));
    }
    void reply.headers({ 'content-security-policy': PAGE_POLICY, 'referrer-policy': 'no-referrer' });
    return reply.type('text/html; charset=utf-8').send(pageHtml(picture));
  });
}
