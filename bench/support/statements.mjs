// The statements that PostgreSQL was asked between two moments, when it counts them (pg_stat_statements).
import pg from 'pg'

const LONGEST = 200

/** Starts counting on the database. @param {any} database */
export async function statementsOf(database) {
  const uri = database.environment.DATABASE_URI
  if (!uri) return { print: async () => console.log('statements are counted on PostgreSQL alone') }
  const client = new pg.Client({ connectionString: uri })
  await client.connect()
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    await client.query('SELECT pg_stat_statements_reset()')
  } catch (error) {
    await client.end()
    return { print: async () => console.log(`statements are not counted: ${error.message}`) }
  }
  return { print: (runs) => print(client, runs).finally(() => void client.end()) }
}

async function print(client, runs) {
  const { rows } = await client.query(STATEMENTS)
  const all = { calls: 0, ms: 0 }
  console.log('\ncalls/run  ms/run  mean ms  statement')
  for (const { calls, ms, query } of rows) {
    all.calls += Number(calls)
    all.ms += ms
    const text = query.replaceAll(/\s+/g, ' ').slice(0, LONGEST)
    const figures = [calls / runs, ms / runs, ms / calls].map((value) => value.toFixed(3).padStart(8))
    console.log(`${figures.join(' ')}  ${text}`)
  }
  console.log(`${(all.calls / runs).toFixed(1)} statements and ${(all.ms / runs).toFixed(3)} ms of executing a run`)
}

const STATEMENTS = `
SELECT calls, total_exec_time + total_plan_time AS ms, query FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY ms DESC`
