import { ServerHealth } from '../health/health.js';
import { reflectionServices } from '../health/reflection.js';
import { whoAmIService } from '../identity/whoami.js';
import { accessOf } from './access-of.js';
import type { MethodAccess } from './access-of.js';

/** Who may call the methods that every server has: health, reflection, and who the caller is. */
export function serverAccess(): readonly MethodAccess[] {
  return accessOf([new ServerHealth('').service, whoAmIService(), ...reflectionServices([])]);
}
