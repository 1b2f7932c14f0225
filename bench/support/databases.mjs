// The databases to measure on, and filling the outbox behind the server's back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { v7 } from 'uuid'
import { dataSourceOptions, migrate, openPool } from '../../dist/libs/database/index.js'
import { JsonLogger } from '../../dist/libs/kernel/index.js'
import { atEnd, notAtEnd } from './cleanup.mjs'

/** The PostgreSQL server. */
export const SERVER = process.env.SIGNALBOX_BENCH_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432'

/** Rows that one statement inserts. */
const BATCH = 10_000

let made = 0

/** A fresh embedded database. */
export async function embedded() {
  notAtEnd()
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  return {
    name: 'embedded',
    dir,
    environment: {},
    settings: { kind: 'embedded', dir },
    remove: atEnd(() => rmSync(dir, { recursive: true, force: true })),
  }
}

/** A fresh database on the PostgreSQL server; null when there is none. */
export async function postgres() {
  notAtEnd()
  const name = `signalbox_bench_${process.pid}_${(made += 1)}`
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const remove = atEnd(async () => {
    rmSync(dir, { recursive: true, force: true })
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  })
  try {
    await onServer(`CREATE DATABASE ${name}`)
  } catch {
    await remove().catch(() => {})
    return null
  }
  const uri = `${SERVER}/${name}`
  return {
    name: 'PostgreSQL',
    dir,
    environment: { DATABASE_URI: uri },
    settings: { kind: 'postgres', uri, poolSize: 4 },
    remove,
  }
}

/** Does `work` with a pool on the migrated database while no server is there. */
export async function withPool(database, work) {
  const pool = await openPool(database.settings, JsonLogger.create('silent'))
  try {
    const dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
    await migrate(dataSource)
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/** Deliveries that wait, due now. */
export function addPending(pool, { count, url, hostKey, bodyBytes }) {
  const body = JSON.stringify({ filling: 'x'.repeat(bodyBytes) })
  return addDeliveries(pool, count, { status: 'pending', url, hostKey, body })
}

/** Deliveries of the past two weeks that have arrived, each with its attempt. */
export async function addDelivered(pool, { count, url, hostKey, bodyBytes }) {
  const body = JSON.stringify({ filling: 'x'.repeat(bodyBytes) })
  await addDeliveries(pool, count, { status: 'delivered', url, hostKey, body })
  await pool.query('ANALYZE webhook_deliveries')
  await pool.query('ANALYZE webhook_attempts')
}

async function addDeliveries(pool, count, { status, url, hostKey, body }) {
  const isDone = status === 'delivered'
  for (let from = 0; from < count; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, count - from) }, () => v7())
    await pool.query(INSERT, [ids, url, hostKey, Buffer.from(body), status, isDone])
  }
}

const INSERT = `
WITH delivery AS (
  INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
    thread_status, status, attempts, cycle_attempts, next_attempt_at, give_up_at, created_at, run_ended_at, settled_at)
  SELECT id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $2, $3, $4, 'success', 'idle', $5,
    $6::boolean::integer, $6::boolean::integer, CASE WHEN $6::boolean THEN NULL ELSE ended END,
    ended + interval '5 days', ended, ended, CASE WHEN $6::boolean THEN ended END
  FROM (SELECT id, now() - CASE WHEN $6::boolean THEN random() * interval '14 days' ELSE interval '1 s' END AS ended
    FROM unnest($1::uuid[]) AS id) AS run
  RETURNING delivery_id, settled_at
)
INSERT INTO webhook_attempts (delivery_id, attempt, started_at, duration_ms, http_status)
SELECT delivery_id, 1, settled_at, 4, 200 FROM delivery WHERE settled_at IS NOT NULL`

async function onServer(statement) {
  const client = new pg.Client({ connectionString: `${SERVER}/postgres` })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
