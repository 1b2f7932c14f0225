import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import { Transaction } from '#database'
import { Logger } from '#kernel'
import { EventBus } from './event-bus.js'

const event = { threadId: 'thread-1' }

/** Remembers what was logged as an error. */
class ErrorLog extends Logger {
  readonly errors: object[] = []
  override debug(): void {}
  override info(): void {}
  override warn(): void {}
  override error(fields: object): void {
    this.errors.push(fields)
  }
  override child(): Logger {
    return this
  }
}

/** The bus itself sends no SQL: the transaction needs no database behind it but for its commit. */
function openTransaction(): Transaction {
  return new Transaction({ query: () => Promise.resolve({ command: 'COMMIT' }) } as unknown as PoolClient)
}

describe('the event bus', () => {
  it('calls subscribers in the transaction in the order of their registration, each after the one before', async () => {
    const bus = new EventBus(new ErrorLog())
    const tx = openTransaction()
    const calls: string[] = []
    bus.inTransaction('thread.deleted', 'slow', async (got, payload) => {
      await nextTurn()
      expect(got).toBe(tx)
      expect(payload).toBe(event)
      calls.push('slow')
    })
    bus.inTransaction('thread.deleted', 'quick', async () => void calls.push('quick'))
    bus.inTransaction('run.cancelRequested', 'other', async () => void calls.push('other'))
    await bus.publish(tx, 'thread.deleted', event)
    expect(calls).toEqual(['slow', 'quick'])
  })

  it('lets a throwing subscriber abort the publisher, and calls no later one', async () => {
    const bus = new EventBus(new ErrorLog())
    const tx = openTransaction()
    const calls: string[] = []
    bus.inTransaction('thread.deleted', 'failing', () => Promise.reject(new Error('no room')))
    bus.inTransaction('thread.deleted', 'later', async () => void calls.push('later'))
    bus.afterCommit('thread.deleted', 'watcher', () => void calls.push('watcher'))
    await expect(bus.publish(tx, 'thread.deleted', event)).rejects.toThrow('no room')
    await tx.commit()
    await nextTurn()
    expect(calls).toEqual([])
  })

  it('tells watchers after the commit and not before', async () => {
    const bus = new EventBus(new ErrorLog())
    const tx = openTransaction()
    const told: object[] = []
    bus.afterCommit('thread.deleted', 'watcher', (payload) => void told.push(payload))
    await bus.publish(tx, 'thread.deleted', event)
    await nextTurn()
    expect(told).toEqual([])
    await tx.commit()
    await nextTurn()
    expect(told).toEqual([event])
  })

  it('logs a failing watcher and tells the others', async () => {
    const log = new ErrorLog()
    const bus = new EventBus(log)
    const tx = openTransaction()
    const told: string[] = []
    const thrown = new Error('not now')
    bus.afterCommit('thread.deleted', 'throwing', () => {
      throw thrown
    })
    bus.afterCommit('thread.deleted', 'rejecting', () => Promise.reject(thrown))
    bus.afterCommit('thread.deleted', 'fine', () => void told.push('fine'))
    await bus.publish(tx, 'thread.deleted', event)
    await tx.commit()
    await nextTurn()
    expect(told).toEqual(['fine'])
    expect(log.errors).toEqual([
      { err: thrown, event: 'thread.deleted', subscriber: 'throwing' },
      { err: thrown, event: 'thread.deleted', subscriber: 'rejecting' },
    ])
  })

  it('refuses a second subscriber of one name for one event', () => {
    const bus = new EventBus(new ErrorLog())
    const nothing = () => Promise.resolve()
    bus.inTransaction('thread.deleted', 'name', nothing)
    bus.afterCommit('thread.deleted', 'name', nothing)
    bus.inTransaction('run.finished', 'name', nothing)
    expect(() => bus.inTransaction('thread.deleted', 'name', nothing)).toThrow('name of thread.deleted')
    expect(() => bus.afterCommit('thread.deleted', 'name', nothing)).toThrow('name of thread.deleted')
  })
})
