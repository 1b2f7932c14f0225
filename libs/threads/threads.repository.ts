import { Injectable } from '@nestjs/common'
import { type Visibility, type VisibleQuery, visibleSql, VisibleTable } from '#auth'
import { Settings, type ThreadTtl } from '#config'
import { prepared, type Queryable, type QueryResult, type Transaction } from '#database'
import type { SettledThreadStatus } from '#events'
import type { Page } from '#http'
import { type JsonObject, storableText, toJsonb } from '#kernel'
import type { ThreadOrder, VisibleThreads } from './thread-filter.js'
import { expiryOf } from './thread-ttl.js'
import type { LockedThread, Thread, ThreadError, ThreadStatus } from './thread.entity.js'

const LOCKED_COLUMNS = `thread_id AS "threadId", status, settled_status AS "settledStatus", metadata, config, temporary`

const COLUMNS = `${LOCKED_COLUMNS}, "values", interrupts, error,
  ttl_minutes AS "ttlMinutes", ttl_strategy AS "ttlStrategy", expires_at AS "expiresAt",
  created_at AS "createdAt", updated_at AS "updatedAt", state_updated_at AS "stateUpdatedAt"`

/** PostgreSQL's own mark of a row's version: the transaction that wrote it. Locking a row leaves it as it is. */
const SELECT_SEEN = `SELECT ${LOCKED_COLUMNS}, xmin::text AS version FROM threads`

type SeenRow = LockedThread & { readonly version: string }

/** $1 to $4 as `queryOf` has them. */
const MATCHES = `NOT temporary AND ($1::jsonb IS NULL OR metadata @> $1) AND ($2::jsonb IS NULL OR "values" @> $2)
  AND ($3::text IS NULL OR status = $3) AND ($4::uuid[] IS NULL OR thread_id = ANY($4))`

const THREADS = new VisibleTable<Thread>({ name: 'threads', columns: COLUMNS, matches: MATCHES })

const FIND = prepared(`SELECT ${COLUMNS} FROM threads WHERE thread_id = $1`)

const LOCK = prepared(`SELECT ${LOCKED_COLUMNS} FROM threads WHERE thread_id = $1 FOR UPDATE`)

const SEE = prepared(`${SELECT_SEEN} WHERE thread_id = $1`)

const LOCK_SEEN = prepared(`${SELECT_SEEN} WHERE thread_id = $1 FOR UPDATE`)

const INSERT_IF_ABSENT = prepared(
  `INSERT INTO threads (thread_id, status, metadata, config, temporary, created_at, updated_at, state_updated_at,
                        ttl_minutes, ttl_strategy, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9) ON CONFLICT (thread_id) DO NOTHING RETURNING ${COLUMNS}`,
)

const MARK_BUSY = prepared(
  `UPDATE threads SET status = 'busy', config = $4, updated_at = $5,
     metadata = metadata || jsonb_build_object('graph_id', $2::text, 'assistant_id', $3::text)
   WHERE thread_id = $1`,
)

const SETTLE = prepared(
  `UPDATE threads SET status = $2, settled_status = $7, "values" = COALESCE($3::jsonb, "values"),
     interrupts = COALESCE($4::jsonb, interrupts), error = $5::jsonb, updated_at = $6,
     state_updated_at = CASE WHEN $3::jsonb IS NULL THEN state_updated_at ELSE $6 END
   WHERE thread_id = $1`,
)

const DELETE = prepared('DELETE FROM threads WHERE thread_id = $1')

/** A thread to be stored. */
export interface NewThread {
  readonly threadId: string
  readonly status: ThreadStatus
  readonly metadata: JsonObject
  readonly config: JsonObject
  readonly temporary: boolean
  /** The configured lifetime when absent; a temporary thread has none. */
  readonly ttl?: ThreadTtl | null | undefined
  readonly now: Date
}

/** What a client changes on a thread. */
export interface ThreadPatch {
  /** Merged into the metadata, key by key. */
  readonly metadata: JsonObject
  /** Begins anew; null leaves the lifetime as it is. */
  readonly ttl: ThreadTtl | null
  /** Which threads may be changed. */
  readonly visibility: Visibility
  readonly now: Date
}

/** The copy of a thread, as far as it is not the thread's own. */
export interface ThreadCopy {
  readonly threadId: string
  readonly metadata: JsonObject
  readonly now: Date
}

/** A thread as it was read, and a mark that changes with every change of its row. */
export interface SeenThread {
  readonly thread: LockedThread
  readonly version: string
}

/** What a new run writes on its thread (contract 5.3, step 3). */
export interface BusyThread {
  readonly graphId: string
  readonly assistantId: string
  /** Already merged; takes the place of the thread's. */
  readonly config: JsonObject
  readonly now: Date
}

/** What a run that ends leaves on its thread (contract 7.2). */
export interface SettledThread {
  readonly status: ThreadStatus
  /** What the status would be were no other run queued. */
  readonly settledStatus: SettledThreadStatus
  /** Storable JSON text of the state's values; null when no checkpoint exists: the thread keeps what it has. */
  readonly valuesJson: string | null
  /** Storable JSON text, task id → interrupts; null leaves them as they are. */
  readonly interruptsJson: string | null
  readonly error: ThreadError | null
  readonly now: Date
}

/** The table `threads`. */
@Injectable()
export class ThreadsRepository {
  constructor(private readonly settings: Settings) {}

  async find(q: Queryable, threadId: string): Promise<Thread | null> {
    const { rows } = await q.query<Thread>(FIND, [threadId])
    return rows[0] ?? null
  }

  /** Whether there is such a thread and it may be seen. */
  async shows(q: Queryable, threadId: string, visibility: Visibility): Promise<boolean> {
    const parameters: unknown[] = [threadId]
    const sql = `SELECT 1 FROM threads WHERE thread_id = $1 AND ${visibleSql(visibility, 'metadata', parameters)}`
    return (await q.query(sql, parameters)).rows.length > 0
  }

  /** Those of these threads that there are. */
  async existing(q: Queryable, threadIds: readonly string[]): Promise<string[]> {
    const sql = 'SELECT thread_id AS "threadId" FROM threads WHERE thread_id = ANY($1::uuid[])'
    const { rows } = await q.query<{ threadId: string }>(sql, [threadIds])
    return rows.map(({ threadId }) => threadId)
  }

  /** The thread, which nobody else changes until `tx` ends. Taken before a decision about its runs. */
  async lock(tx: Transaction, threadId: string): Promise<LockedThread | null> {
    const { rows } = await tx.query<LockedThread>(LOCK, [threadId])
    return rows[0] ?? null
  }

  /** Stores a thread and returns its row; null, and nothing stored, when the id is taken. */
  async insertIfAbsent(q: Queryable, thread: NewThread): Promise<Thread | null> {
    const { threadId, status, metadata, config, temporary, now } = thread
    const ttl = temporary ? null : (thread.ttl ?? this.settings.threadTtl.default)
    const { rows } = await q.query<Thread>(INSERT_IF_ABSENT, [
      threadId,
      status,
      toJsonb(metadata),
      toJsonb(config),
      temporary,
      now,
      ...ttlParameters(ttl, now),
    ])
    return rows[0] ?? null
  }

  /** The thread, as for a decision that is taken again under the lock, by `lockSeen`. */
  async see(q: Queryable, threadId: string): Promise<SeenThread | null> {
    return toSeen(await q.query<SeenRow>(SEE, [threadId]))
  }

  /** The same, and nobody else changes the thread until `tx` ends. */
  async lockSeen(tx: Transaction, threadId: string): Promise<SeenThread | null> {
    return toSeen(await tx.query<SeenRow>(LOCK_SEEN, [threadId]))
  }

  /** Null when there is no such thread that may be seen. */
  async patch(q: Queryable, threadId: string, { metadata, ttl, visibility, now }: ThreadPatch): Promise<Thread | null> {
    const parameters: unknown[] = [threadId, toJsonb(metadata), now, ...ttlParameters(ttl, now)]
    const { rows } = await q.query<Thread>(
      `UPDATE threads SET metadata = metadata || $2::jsonb, updated_at = $3, ttl_minutes = COALESCE($4, ttl_minutes),
         ttl_strategy = COALESCE($5, ttl_strategy), expires_at = COALESCE($6, expires_at)
       WHERE thread_id = $1 AND ${visibleSql(visibility, 'metadata', parameters)} RETURNING ${COLUMNS}`,
      parameters,
    )
    return rows[0] ?? null
  }

  /** A run was inserted on the thread. */
  markBusy(tx: Transaction, threadId: string, busy: BusyThread): void {
    tx.send(MARK_BUSY, [threadId, storableText(busy.graphId), busy.assistantId, toJsonb(busy.config), busy.now])
  }

  /** A run has ended, or a client has changed the state: the one place where a status moves away from `busy`. */
  settle(tx: Transaction, threadId: string, settled: SettledThread): void {
    const { status, settledStatus, valuesJson, interruptsJson, error, now } = settled
    tx.send(SETTLE, [
      threadId,
      status,
      valuesJson,
      interruptsJson,
      error === null ? null : toJsonb(error),
      now,
      settledStatus,
    ])
  }

  /** Makes an idle thread with the state of another; null, and nothing made, when that is not there. */
  async copy(tx: Transaction, from: string, { threadId, metadata, now }: ThreadCopy): Promise<Thread | null> {
    const { rows } = await tx.query<Thread>(
      `INSERT INTO threads (thread_id, status, settled_status, metadata, config, "values", interrupts, temporary,
                            created_at, updated_at, state_updated_at, ttl_minutes, ttl_strategy, expires_at)
       SELECT $2, 'idle', settled_status, $7, config, "values", interrupts, false, $3, $3, $3, $4, $5, $6
       FROM threads WHERE thread_id = $1 RETURNING ${COLUMNS}`,
      [from, threadId, now, ...ttlParameters(this.settings.threadTtl.default, now), toJsonb(metadata)],
    )
    return rows[0] ?? null
  }

  /** Something of the thread was changed that is not in its row: whoever has seen the row shall look again. */
  touch(tx: Transaction, threadId: string, now: Date): void {
    tx.send('UPDATE threads SET updated_at = $2 WHERE thread_id = $1', [threadId, now])
  }

  /** Deletes the thread, and its runs by cascade. */
  delete(tx: Transaction, threadId: string): void {
    tx.send(DELETE, [threadId])
  }

  search(q: Queryable, filter: VisibleThreads, order: ThreadOrder, page: Page): Promise<Thread[]> {
    return THREADS.search(q, queryOf(filter), orderBy(order), page)
  }

  count(q: Queryable, filter: VisibleThreads): Promise<number> {
    return THREADS.count(q, queryOf(filter))
  }
}

/**
 * Ties are broken by the id. Of a status there are too many to sort: their ids go in the direction of the order, which is
 * that of the index.
 */
function orderBy({ by, direction }: ThreadOrder): string {
  return `${by} ${direction}, thread_id${by === 'status' ? ` ${direction}` : ''}`
}

function ttlParameters(ttl: ThreadTtl | null, now: Date): unknown[] {
  return ttl === null ? [null, null, null] : [ttl.minutes, ttl.strategy, expiryOf(ttl, now)]
}

function toSeen({ rows: [row] }: QueryResult<SeenRow>): SeenThread | null {
  if (!row) return null
  const { version, ...thread } = row
  return { thread, version }
}

function queryOf({ metadata, values, status, ids, visibility }: VisibleThreads): VisibleQuery {
  const parameters = [
    metadata === null || Object.keys(metadata).length === 0 ? null : toJsonb(metadata),
    values === null ? null : toJsonb(values),
    status,
    ids,
  ]
  return { parameters, visibility }
}
