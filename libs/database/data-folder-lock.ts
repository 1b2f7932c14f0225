import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '#kernel'
import { dataFolderInUse } from './database.errors.js'

/** Who holds a data folder. */
interface LockOwner {
  readonly token: string
  readonly pid: number
  readonly host: string
  /** When the process started, in clock ticks since boot; null where the system does not tell. */
  readonly startTicks: string | null
}

/** What the holder of a lock is told at a heartbeat. */
export interface LockWatch {
  /** The lock is gone or somebody else's: nothing may be written any more. Told once. */
  lost(): void
  /** The file system does not say. Told once until it does again. */
  uncertain(error: unknown): void
}

const HEARTBEAT_MS = 2_000
/** How long the lock of another machine or container may stand still before it is stale. */
const FOREIGN_STALE_MS = 10_000

/**
 * The exclusive lock on a data folder: two openers of one folder lose rows silently (design section 2). A lock file
 * names its owner; one left by a killed process is taken over. The owner on this machine is recognised by its process
 * id and start time, one on another machine (a shared volume) by its heartbeat.
 */
export class DataFolderLock {
  readonly #heartbeat: NodeJS.Timeout
  #isUncertain = false

  private constructor(
    private readonly file: string,
    private readonly owner: LockOwner,
    private readonly watch: LockWatch,
  ) {
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  /** @throws AppError `start_refused` when another process is alive in the folder. */
  static async acquire(dir: string, watch: LockWatch): Promise<DataFolderLock> {
    const file = join(dir, 'signalbox.lock')
    const owner: LockOwner = { token: newId(), pid: process.pid, host: hostname(), startTicks: startTicks(process.pid) }
    for (;;) {
      if (create(file, owner)) return new DataFolderLock(file, owner, watch)
      const text = readText(file)
      if (text === null) continue
      if (await isAlive(file, text)) throw dataFolderInUse(dir, describe(text))
      removeStale(file, text)
    }
  }

  /** Gives the folder back; safe to call twice. */
  release(): void {
    clearInterval(this.#heartbeat)
    if (this.#isOurs()) rmSync(this.file, { force: true })
  }

  #beat(): void {
    try {
      if (this.#isOurs()) touch(this.file)
      else this.#lose()
      this.#isUncertain = false
    } catch (error) {
      if (!this.#isUncertain) this.watch.uncertain(error)
      this.#isUncertain = true
    }
  }

  #lose(): void {
    clearInterval(this.#heartbeat)
    this.watch.lost()
  }

  #isOurs(): boolean {
    return parseOwner(readText(this.file) ?? '')?.token === this.owner.token
  }
}

function create(file: string, owner: LockOwner): boolean {
  try {
    const handle = openSync(file, 'wx')
    writeSync(handle, JSON.stringify(owner))
    closeSync(handle)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function isAlive(file: string, text: string): Promise<boolean> {
  const owner = parseOwner(text)
  if (owner?.host === hostname()) return isRunning(owner)
  return hasHeartbeat(file)
}

function isRunning(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  return startTicks(owner.pid) === owner.startTicks
}

async function hasHeartbeat(file: string): Promise<boolean> {
  const before = modifiedMs(file)
  if (before === null || Date.now() - before > FOREIGN_STALE_MS) return false
  await sleep(FOREIGN_STALE_MS)
  const after = modifiedMs(file)
  return after !== null && after !== before
}

/** Removes exactly the lock that was judged stale: one that another starter made meanwhile is put back. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.${newId()}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  if (readText(aside) === text) rmSync(aside, { force: true })
  else renameSync(aside, file)
}

/** Field 22 of /proc/PID/stat, counted after the command's closing parenthesis. */
function startTicks(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function parseOwner(text: string): LockOwner | null {
  try {
    return JSON.parse(text) as LockOwner
  } catch {
    return null // half-written by a process that was killed: judged by its age
  }
}

function describe(text: string): string {
  const owner = parseOwner(text)
  return owner ? `process ${owner.pid} on ${owner.host}` : 'unknown owner'
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

function modifiedMs(file: string): number | null {
  try {
    return statSync(file).mtimeMs
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

function touch(file: string): void {
  const now = new Date()
  utimesSync(file, now, now)
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
