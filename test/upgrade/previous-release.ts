import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Pool } from 'pg'

/**
 * The last migration of the release before this one. A new release moves the line: `scripts/release-dump.mjs` makes the
 * dump beside this file with a checkout of the release that was published last.
 */
export const LAST_MIGRATION = 'BodiesByState1764000011000'

/** Where the webhooks of the dump go: to one that answers, and to one that was in trouble. */
const ANSWERING = '127.0.0.1:18997'
const IN_TROUBLE = '127.0.0.1:18998'

/** The hosts (`127.0.0.1:PORT`) that take their places. */
export interface Hosts {
  readonly answering: string
  readonly inTrouble: string
}

/** How long before now the last release was killed, as the rows have it: what was to be tried again by then is due. */
const AGO = `interval '2 hours'`

/** Fills an empty database with all that a server of the previous release has left behind. */
export async function loadPreviousRelease(pool: Pool, { answering, inTrouble }: Hosts): Promise<void> {
  const dump = readFileSync(resolve(import.meta.dirname, 'previous-release.sql'), 'utf8')
  await pool.query(withHost(withHost(dump, ANSWERING, answering), IN_TROUBLE, inTrouble))
  await moveTimes(pool)
}

/** In texts, and in the bytes of bodies and checkpoints. */
function withHost(dump: string, before: string, now: string): string {
  const hex = (text: string) => Buffer.from(text).toString('hex')
  return dump.replaceAll(before, now).replaceAll(hex(before), hex(now))
}

/** Retention and last moments would see to it that old rows are not what they were. */
async function moveTimes(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ move: string }>(
    `SELECT format('UPDATE %I SET %s', table_name,
       string_agg(format('%1$I = %1$I + $1::interval', column_name), ', ')) AS move
     FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
     GROUP BY table_name`,
  )
  const { rows: age } = await pool.query<{ by: string }>(
    `SELECT (now() - ${AGO} - max(updated_at))::text AS by FROM runs`,
  )
  for (const { move } of rows) await pool.query(move, [age[0]?.by])
}

/** All rows of our own tables, by table, each as JSON text. */
export async function allRows(pool: Pool): Promise<Map<string, Record<string, unknown>[]>> {
  const tables = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'langgraph')`,
  )
  const all = new Map<string, Record<string, unknown>[]>()
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(`SELECT to_jsonb(t) AS row FROM ${name} t`)
    all.set(
      name,
      rows.map(({ row }) => row),
    )
  }
  return all
}

/** The schema as the database describes it: columns, indexes and constraints, a line each, sorted. */
export async function schemaOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `SELECT concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable, column_default, is_identity,
        col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position)) AS line
     FROM information_schema.columns WHERE table_schema IN ('public', 'langgraph')
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'langgraph')
     UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
     WHERE connamespace IN ('public'::regnamespace, to_regnamespace('langgraph'))`,
  )
  return rows.map(({ line }) => line).sort()
}
