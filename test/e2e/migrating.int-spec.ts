import 'reflect-metadata'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { MIGRATIONS } from '../../libs/database/migrations/index.js'
import { runCommand } from '../support/command.js'
import { PROJECT, ServerProcess } from '../support/server-process.js'

const PROCESSES = 6

// `migrate` is for PostgreSQL alone, and the embedded database belongs to one process.
// Each test starts up to six processes, which takes seconds on a busy machine.
describe.skipIf(TEST_DATABASE !== 'postgres')('signalbox migrate on PostgreSQL', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings

  beforeEach(async () => {
    fresh = await freshDatabase()
  })
  afterEach(() => fresh.remove())

  const uri = () => (fresh.settings.kind === 'postgres' ? fresh.settings.uri : '')
  const migrate = () => runCommand(['migrate', '--config', PROJECT], { DATABASE_URI: uri() })
  const sql = async (statement: string) => {
    const client = new Client({ connectionString: uri() })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(statement)
    await client.end()
    return rows
  }

  it(`applies each migration once when ${PROCESSES} processes migrate together, and each ends well`, async () => {
    const ends = await Promise.all(Array.from({ length: PROCESSES }, migrate))
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, '']))
    const all = MIGRATIONS.map(({ name }) => name)
    const applied = ends.flatMap(({ stdout }) => stdout.match(/(?<=^- ).+$/gm) ?? [])
    expect(applied).toEqual(all)
    expect(await sql('SELECT name FROM signalbox_migrations ORDER BY id')).toEqual(all.map((name) => ({ name })))
    expect(await sql(`SELECT to_regclass('langgraph.checkpoints')::text AS name`)).toEqual([
      { name: 'langgraph.checkpoints' },
    ])
  })

  it('works while a server is at work on the database', async () => {
    const server = await ServerProcess.start({ database: fresh.settings })
    const end = await migrate()
    expect([end.code, end.stderr]).toEqual([0, ''])
    expect(end.stdout).toContain('The database is up to date')
    expect((await fetch(`${server.url}/ok`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })

  it('leaves a database of a newer version alone, and no server starts on it', async () => {
    await migrate()
    await sql(`INSERT INTO signalbox_migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`)
    const sentence = 'The database is of a newer version of signalbox'
    const end = await migrate()
    expect(end.code).toBe(1)
    expect(end.stderr).toContain(sentence)
    expect(end.stderr).toContain('Later9999999999999')
    expect(end.stderr).not.toContain('    at ')
    await expect(ServerProcess.start({ database: fresh.settings })).rejects.toThrow(sentence)
  })

  it('says what is wrong with a database that is not there', async () => {
    const end = await runCommand(['migrate', '--config', PROJECT], { DATABASE_URI: `${uri()}_not` })
    expect(end.code).toBe(1)
    expect(end.stderr).toContain('does not exist')
    expect(end.stderr).not.toContain('    at ')
  })
})
