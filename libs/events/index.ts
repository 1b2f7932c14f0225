export type {
  EventCatalogue,
  EventName,
  FinalRunStatus,
  RunFinished,
  SettledThreadStatus,
  WireRun,
} from './catalogue.js'
export { type CommitSubscriber, EventBus, type HintSubscriber, type TransactionSubscriber } from './event-bus.js'
export { EventsModule } from './events.module.js'
export { SignalsModule } from './signals.module.js'
