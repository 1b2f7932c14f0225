import { Core1764000000000 } from './1764000000000-core.js'
import { Webhooks1764000001000 } from './1764000001000-webhooks.js'
import { AssistantVersions1764000002000 } from './1764000002000-assistant-versions.js'
import { ThreadTtl1764000003000 } from './1764000003000-thread-ttl.js'
import { Store1764000004000 } from './1764000004000-store.js'
import { WriteJournal1764000006000 } from './1764000006000-write-journal.js'
import { DeadDeliveries1764000007000 } from './1764000007000-dead-deliveries.js'
import { WebhookSettings1764000008000 } from './1764000008000-webhook-settings.js'
import { WebhookBreakers1764000009000 } from './1764000009000-webhook-breakers.js'
import { DeliveryLists1764000010000 } from './1764000010000-delivery-lists.js'
import { BodiesByState1764000011000 } from './1764000011000-bodies-by-state.js'
import { Crons1764000012000 } from './1764000012000-crons.js'
import { CronCreators1764000013000 } from './1764000013000-cron-creators.js'
import { HeldTime1764000014000 } from './1764000014000-held-time.js'
import { AttemptReasons1764000015000 } from './1764000015000-attempt-reasons.js'
import { ListOrders1764000016000 } from './1764000016000-list-orders.js'
import { SeveralProcesses1764000017000 } from './1764000017000-several-processes.js'
import { SystemAssistants1764000018000 } from './1764000018000-system-assistants.js'
import { QueueIndexes1764000019000 } from './1764000019000-queue-indexes.js'

/** Every migration, oldest first. */
export const MIGRATIONS = [
  Core1764000000000,
  Webhooks1764000001000,
  AssistantVersions1764000002000,
  ThreadTtl1764000003000,
  Store1764000004000,
  WriteJournal1764000006000,
  DeadDeliveries1764000007000,
  WebhookSettings1764000008000,
  WebhookBreakers1764000009000,
  DeliveryLists1764000010000,
  BodiesByState1764000011000,
  Crons1764000012000,
  CronCreators1764000013000,
  HeldTime1764000014000,
  AttemptReasons1764000015000,
  ListOrders1764000016000,
  SeveralProcesses1764000017000,
  SystemAssistants1764000018000,
  QueueIndexes1764000019000,
]
