// The machine that figures come from: what matters for them, and no names of hosts.
import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { SERVER } from './databases.mjs'

const ROOT = join(import.meta.dirname, '../..')

/** @returns {Promise<Record<string, string>>} */
export async function describeMachine() {
  const [processor] = cpus()
  return {
    processor: `${cpus().length} × ${processor.model.trim()}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${type()} ${release().split('-')[0]} ${arch()}${distribution()}`,
    node: process.version,
    postgres: await postgresVersion(),
    signalbox: versionOf(join(ROOT, 'package.json')),
    langgraph: versionOf(join(ROOT, 'node_modules/@langchain/langgraph/package.json')),
    devServer: versionOf(join(ROOT, 'bench/node_modules/@langchain/langgraph-api/package.json')),
    devServerLanggraph: versionOf(join(ROOT, 'bench/node_modules/@langchain/langgraph/package.json')),
  }
}

function distribution() {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
    return name ? ` (${name})` : ''
  } catch {
    return ''
  }
}

/** Version and the settings that decide what a commit costs. */
async function postgresVersion() {
  const client = new pg.Client({ connectionString: `${SERVER}/postgres` })
  try {
    await client.connect()
    const { rows } = await client.query(SETTINGS)
    const [{ version, fsync, commit, buffers }] = rows
    return `${version.split(' ')[0]} (fsync ${fsync}, synchronous_commit ${commit}, shared_buffers ${buffers})`
  } catch {
    return 'none'
  } finally {
    await client.end().catch(() => {})
  }
}

const SETTINGS = `
SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
  current_setting('synchronous_commit') AS commit, current_setting('shared_buffers') AS buffers`

function versionOf(manifest) {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8')).version
  } catch {
    return 'none'
  }
}
