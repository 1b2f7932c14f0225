export { FakeClock, FakeRandom } from './fake-clock.js'
export { openHttpTestApp, TestDatabaseModule, useTestEdge } from './http-test-app.js'
export { Gate } from './gate.js'
export { type ReceivedRequest, Receiver, type ReceiverAnswer } from './receiver.js'
export {
  freshDatabase,
  openTestDatabase,
  TEST_DATABASE,
  type TestDatabase,
  type TestDatabaseSettings,
} from './test-database.js'
