import type { EventCatalogue, EventName } from './catalogue.js'

/** The facts that other processes hear of, and what of each they are told: one id, the rest is in the tables. */
export const TOLD_FACTS = {
  'run.created': ({ runId }: EventCatalogue['run.created']) => runId,
  'run.finished': ({ run }: EventCatalogue['run.finished']) => run.run_id,
  'run.handedBack': ({ runId }: EventCatalogue['run.handedBack']) => runId,
  'run.cancelRequested': ({ runId }: EventCatalogue['run.cancelRequested']) => runId,
  'thread.deleted': ({ threadId }: EventCatalogue['thread.deleted']) => threadId,
  'cron.changed': ({ cronId }: EventCatalogue['cron.changed']) => cronId,
  'webhook.queued': ({ deliveryId }: EventCatalogue['webhook.queued']) => deliveryId,
} as const satisfies Partial<{ [Name in EventName]: (event: EventCatalogue[Name]) => string }>

/** The name of a fact that other processes hear of. */
export type ToldName = keyof typeof TOLD_FACTS

/** All of them. */
export const TOLD_NAMES = Object.keys(TOLD_FACTS) as ToldName[]

/** The id that is told of a fact. */
export function toldId<Name extends ToldName>(name: Name, event: EventCatalogue[Name]): string {
  return (TOLD_FACTS[name] as (event: EventCatalogue[Name]) => string)(event)
}
