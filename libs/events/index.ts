export type {
  EventCatalogue,
  EventName,
  FinalRunStatus,
  RunFinished,
  SettledThreadStatus,
  WireRun,
} from './catalogue.js'
export { type CommitSubscriber, EventBus, type TransactionSubscriber } from './event-bus.js'
export { EventsModule } from './events.module.js'
