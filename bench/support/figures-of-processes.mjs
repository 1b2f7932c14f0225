// CPU time and memory of process groups and of the PostgreSQL server, as /proc has them; null where there is no /proc.
import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'
import { SERVER } from './databases.mjs'

/** Clock ticks in a second: 100 on every Linux that Node runs on. */
const TICKS = 100
const PAGE_MIB = 4096 / 1024 / 1024

/** @param {number} group pid of its leader */
export function groupCpuSeconds(group) {
  const members = processes()?.filter((each) => each.group === group)
  return members ? seconds(members.map(({ ticks }) => ticks)) : null
}

/** @param {number} group pid of its leader */
export function groupRssMiB(group) {
  const members = processes()?.filter((each) => each.group === group)
  return members ? members.reduce((sum, { rssMiB }) => sum + rssMiB, 0) : null
}

/**
 * A clock of the CPU time of the whole PostgreSQL server, backends that have ended too.
 * @returns {Promise<() => number | null>}
 */
export async function postgresClock() {
  const postmaster = await postmasterPid()
  if (postmaster === null) return () => null
  return () => {
    const all = processes() ?? []
    const server = all.filter(({ pid, parent }) => pid === postmaster || parent === postmaster)
    const reaped = all.find(({ pid }) => pid === postmaster)?.reapedTicks ?? 0
    return seconds([...server.map(({ ticks }) => ticks), reaped])
  }
}

async function postmasterPid() {
  const client = new pg.Client({ connectionString: `${SERVER}/postgres` })
  try {
    await client.connect()
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const backend = processes()?.find(({ pid }) => pid === rows[0].pid)
    return backend?.name === 'postgres' ? backend.parent : null
  } catch {
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

function seconds(ticks) {
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS
}

/** All processes of the machine; null without /proc. */
function processes() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(readProcess)
      .filter((each) => each !== null)
  } catch {
    return null
  }
}

/** One line of /proc/<pid>/stat; the name may hold spaces and brackets, so what follows it is counted from its end. */
function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const number = (place) => Number(fields[place - 3])
    return {
      pid: Number(pid),
      name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
      parent: number(4),
      group: number(5),
      ticks: number(14) + number(15),
      reapedTicks: number(16) + number(17),
      rssMiB: number(24) * PAGE_MIB,
    }
  } catch {
    return null
  }
}
