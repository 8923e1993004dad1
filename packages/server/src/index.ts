export type { CallContext } from './call-context.js';
export { CallOverError } from './call-context.js';
export type { Caller, Role } from './caller.js';
export { ERROR_DOMAIN, errorStatus, rpcStatus, shortRpcStatus } from './error-status.js';
export { preEncode, PreEncoded } from './pre-encoded.js';
export type { ResponseStream } from './response-stream.js';
export type { MessageType } from './message-type.js';
export type {
  MethodDefinition,
  MethodImplementation,
  ServedService,
  ServiceDefinition,
  ServiceImplementation,
} from './service-definition.js';
export { servedService } from './service-definition.js';
export type { GrpcServer, GrpcServerOptions } from './grpc-server.js';
export { createGrpcServer, LARGEST_REQUEST_BYTES } from './grpc-server.js';
export type { PartSays, ServerHealth } from './health.js';
export type { ListenAddress } from './listen-address.js';
export { formatListenAddress, ownAddress, parseListenAddress, requireLoopback } from './listen-address.js';
export { failpoint, parseFailpoints } from './failpoint.js';
export type { Part, Running } from './lifecycle.js';
export { endOnSignals, startParts } from './lifecycle.js';
export type { Logger, LogOptions } from './log.js';
export { createLog } from './log.js';
export type { ConfigFault, ConfigFlag, ConfigSources } from './config.js';
export { loadConfig } from './config.js';
export { parseYamlText } from './yaml-file.js';
export { hideSecrets } from './hidden-secrets.js';
export { byOf, isOperator, requireRole } from './requests/access.js';
export { Faults } from './requests/faults.js';
export { fingerprint, payloadFingerprint, payloadOf } from './requests/fingerprint.js';
export { fitAll, itemBytes, MAX_ANSWER_BYTES, pageOf, partsOf } from './requests/paging.js';
export type { DurationLimits } from './requests/parse-duration.js';
export { DAY_MS, HOUR_MS, parseDuration, SECOND_MS } from './requests/parse-duration.js';
export { parseAttributes, parseLabels, parseProperties } from './requests/parse-labels.js';
export {
  labelValueFault,
  lineFault,
  MAX_LABELS,
  MAX_NAME,
  MAX_PROPERTIES,
  nameFault,
  propertyValueFault,
  proseFault,
  quoted,
  requestIdFault,
  tooLong,
} from './requests/text-rules.js';
export { actorOf, dateOf, durationOf } from './requests/values-to-proto.js';
export { yamlText } from './yaml-text.js';
