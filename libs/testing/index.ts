export { FakeClock, FakeRandom } from './fake-clock.js'
export { openHttpTestApp, TestDatabaseModule, useTestEdge } from './http-test-app.js'
export { Gate } from './gate.js'
export { payloadFaults } from './webhook-payload.js'
export { migrateUpTo, migrationsUpTo, type Release } from './release.js'
export { type ReceivedRequest, Receiver, type ReceiverAnswer } from './receiver.js'
export {
  freshDatabase,
  openTestDatabase,
  TEST_DATABASE,
  TEST_REDIS,
  TEST_SERVER_PORT,
  type TestDatabase,
  type TestDatabaseSettings,
} from './test-database.js'
export { type Certificate, CertificateAuthority, type CertificateRequest } from './certificates.js'
export { ConnectProxy, type ProxyManner } from './connect-proxy.js'
export { SecureReceiver, type SecureRequest } from './secure-receiver.js'
