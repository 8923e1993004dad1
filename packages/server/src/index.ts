export type { CallContext } from './calls/call-context.js';
export { CallOverError, LINGER_MS } from './calls/call-context.js';
export type { Access, AccessTable } from './access/access.js';
export type { MethodAccess } from './access/access-of.js';
export { accessOf } from './access/access-of.js';
export { serverAccess } from './access/server-access.js';
export type { Caller } from './identity/caller.js';
export type { AuthConfig, OidcConfig } from './identity/auth-config.js';
export { authConfigSchema, authFaults, isOpen } from './identity/auth-config.js';
export type { IdentityDeps } from './identity/create-identity.js';
export { createIdentity } from './identity/create-identity.js';
export type { TokenPurpose } from './identity/new-token.js';
export { newToken } from './identity/new-token.js';
export { readTokens } from './identity/token-file.js';
export type { Identity, ProcessIdentity } from './identity/identity.js';
export { openIdentity } from './identity/identity.js';
export type { Role } from './identity/role.js';
export { includesRole, isRole, ROLES } from './identity/role.js';
export { whoAmIOf } from './identity/whoami.js';
export type { Shown } from './identity/shown.js';
export { ERROR_DOMAIN, errorStatus, rpcStatus, shortRpcStatus } from './calls/error-status.js';
export type { Audit, AuditEntry } from './audit/audit.js';
export type { AuditLogOptions } from './audit/audit-log.js';
export { AuditLog } from './audit/audit-log.js';
export type { AuditVerdict } from './audit/verify-audit.js';
export { verifyAudit } from './audit/verify-audit.js';
export type { CertificateSubject } from './tls/peer-certificate.js';
export { peerCertificate } from './tls/peer-certificate.js';
export type { ServerTls } from './tls/server-tls.js';
export { createServerTls } from './tls/server-tls.js';
export type { TlsConfig } from './tls/tls-config.js';
export { tlsConfigSchema, tlsFaults } from './tls/tls-config.js';
export { auditRefusal } from './audit/audit-refusal.js';
export { shuttingDown } from './calls/call-scope.js';
export { keepAlive, type KeepAlive } from './calls/keep-alive.js';
export { resetLimitFor } from './calls/reset-limit.js';
export type { WatchedCall } from './calls/method-watch.js';
export { MethodWatch } from './calls/method-watch.js';
export { kernelError } from './calls/kernel-error.js';
export { preEncode, PreEncoded } from './calls/pre-encoded.js';
export type { ResponseStream } from './calls/response-stream.js';
export { writeLiving } from './calls/write-living.js';
export type { MessageType } from './calls/message-type.js';
export type {
  MethodDefinition,
  MethodImplementation,
  ServedService,
  ServiceDefinition,
  ServiceImplementation,
} from './calls/service-definition.js';
export { servedService } from './calls/service-definition.js';
export type { GrpcServer, GrpcServerOptions } from './grpc-server.js';
export { createGrpcServer, listenError, sayGoodbye } from './grpc-server.js';
export type { AskHealthOptions, ToldHealth } from './health/ask-health.js';
export { askGrpcHealth, askHttpHealth } from './health/ask-health.js';
export { readDescriptorSet } from './health/descriptor-set.js';
export type { HealthReport, HealthWord, PartSays } from './health/health.js';
export { ServerHealth } from './health/health.js';
export { boundPauses } from './http/bound-pauses.js';
export type { HttpError } from './http/http-error.js';
export { httpError, httpErrorOfStatus, isUnexpected } from './http/http-error.js';
export type { HttpServer, HttpServerOptions } from './http/http-server.js';
export { createHttpServer } from './http/http-server.js';
export { methodNotAllowed, noSuchPath } from './http/known-routes.js';
export type { StatusJson } from './http/status-json.js';
export { httpStatusOf, statusJson } from './http/status-json.js';
export type { ListenAddress } from './listen-address.js';
export { formatListenAddress, isLoopback, ownAddress, parseListenAddress, requireLoopback } from './listen-address.js';
export { failpoint, parseFailpoints } from './process/failpoint.js';
export type { Part, Running } from './process/lifecycle.js';
export { endOnSignals, startParts } from './process/lifecycle.js';
export { CallLimit } from './limits/call-limit.js';
export type { MethodMetrics } from './metrics/call-metrics.js';
export { CallMetrics } from './metrics/call-metrics.js';
export { ProcessMetrics } from './metrics/process-metrics.js';
export type { AccessLog, AccessLogMode } from './process/access-log.js';
export { ACCESS_LOGS, accessLogOf } from './process/access-log.js';
export type { Logger, LogOptions } from './process/log.js';
export { createLog } from './process/log.js';
export type { ConfigFlag, ConfigSources } from './process/config.js';
export { loadConfig } from './process/config.js';
export { requestBytes } from './process/request-bytes.js';
export { invalidConfig, schemaFaults } from './process/config-faults.js';
export { readTextFile, WatchedFile } from './process/watched-file.js';
export { readYamlText } from './yaml/read-yaml-text.js';
export type { FileFault, YamlFile } from './yaml/yaml-file.js';
export { parseYamlText, whyUnreadable } from './yaml/yaml-file.js';
export type { Entry, Place, YamlFault, YamlReader } from './yaml/yaml-reader.js';
export { hideSecrets } from './process/hidden-secrets.js';
export { byOf, isOperator, isOperatorRole, requireBench, requireRole } from './requests/access.js';
export { Faults } from './requests/faults.js';
export { fingerprint, payloadFingerprint, payloadOf, requestKey } from './requests/fingerprint.js';
export { fitAll, itemBytes, MAX_ANSWER_BYTES, pageOf, partsOf } from './requests/paging.js';
export type { DurationLimits } from './requests/parse-duration.js';
export { DAY_MS, HOUR_MS, parseDuration, SECOND_MS } from './requests/parse-duration.js';
export { parseAttributes, parseLabels, parseProperties } from './requests/parse-labels.js';
export { parseRequest } from './requests/parse-request.js';
export { parseTime } from './requests/parse-time.js';
export { runBatch } from './requests/run-batch.js';
export { storePage } from './requests/store-pages.js';
export {
  attributeNameFault,
  labelValueFault,
  labFault,
  lineFault,
  listFault,
  MAX_ATTRIBUTES,
  MAX_LABELS,
  MAX_NAME,
  MAX_PROPERTIES,
  MAX_WEIGHT,
  nameFault,
  propertyValueFault,
  proseFault,
  quoted,
  sizeFault,
  tooLong,
  weightFault,
} from './requests/text-rules.js';
export { parseUpdateMask } from './requests/update-mask.js';
export { actorOf, dateOf, durationOf } from './requests/values-to-proto.js';
export { traceHeaders } from './traces/trace-context.js';
export { yamlText } from './yaml/yaml-text.js';
