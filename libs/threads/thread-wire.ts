import { shownConfig } from '#graphs'
import type { JsonObject } from '#kernel'
import type { Thread, ThreadError, ThreadStatus } from './thread.entity.js'

/** What `select` may name (contract 1.13); no thread of ours has a `context`. */
export const THREAD_FIELDS = [
  'thread_id',
  'created_at',
  'updated_at',
  'state_updated_at',
  'metadata',
  'config',
  'context',
  'status',
  'values',
  'interrupts',
] as const

/** A thread as clients see it (contract 2.2). */
export interface WireThread {
  readonly thread_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly state_updated_at: string | null
  readonly metadata: JsonObject
  readonly status: ThreadStatus
  readonly config: JsonObject
  readonly values: unknown
  readonly interrupts: JsonObject
  readonly error: ThreadError | null
  /** Only where it was asked for; null for a thread that lives for ever. */
  readonly ttl?: WireThreadTtl | null
}

/** The lifetime of a thread (contract 2.2). */
export interface WireThreadTtl {
  readonly strategy: string
  readonly ttl_minutes: number
  readonly expires_at: string
}

/** A row of a search: the selected fields, and what `extract` asked for. */
export type WireThreadRow = Partial<WireThread> & { readonly extracted?: JsonObject }

/** The thread in its wire form. */
export function toWireThread(thread: Thread): WireThread {
  return {
    thread_id: thread.threadId,
    created_at: thread.createdAt.toISOString(),
    updated_at: thread.updatedAt.toISOString(),
    state_updated_at: thread.stateUpdatedAt.toISOString(),
    metadata: thread.metadata,
    status: thread.status,
    config: shownConfig(thread.config),
    values: thread.values,
    interrupts: thread.interrupts,
    error: thread.error,
  }
}

/** The thread with its lifetime. */
export function toWireThreadWithTtl(thread: Thread): WireThread {
  const { ttlStrategy: strategy, ttlMinutes, expiresAt } = thread
  const isMortal = strategy !== null && ttlMinutes !== null && expiresAt !== null
  const ttl = isMortal ? { strategy, ttl_minutes: ttlMinutes, expires_at: expiresAt.toISOString() } : null
  return { ...toWireThread(thread), ttl }
}
