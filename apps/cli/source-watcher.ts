import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { WatchPlan } from './watch-plan.js'

/** Saving one change touches several files, several times, in ms. */
const QUIET_MS = 150

/** What a watcher tells. */
export interface WatchListener {
  /** Files that concern the server have changed; this one first. */
  changed(file: string): void
  /** A folder cannot be watched, for example because the system's limit of watches is reached. */
  troubled(error: unknown): void
}

/**
 * Tells that watched files have changed, once they are quiet. Watches folder by folder: Node's own recursive watching
 * goes through `node_modules` first.
 */
export class SourceWatcher {
  readonly #folders = new Map<string, FSWatcher>()
  #quiet: NodeJS.Timeout | null = null
  #firstChanged: string | null = null

  constructor(
    private readonly plan: WatchPlan,
    private readonly listener: WatchListener,
  ) {
    for (const root of plan.roots) this.#watch(root)
  }

  /** Watches no more; nothing is told after this. */
  close(): void {
    if (this.#quiet) clearTimeout(this.#quiet)
    for (const watcher of this.#folders.values()) watcher.close()
    this.#folders.clear()
  }

  /** Watches a folder and all below it; returns whether there is a file in it that concerns the server. */
  #watch(folder: string): boolean {
    if (this.#folders.has(folder)) return false
    try {
      return this.#open(folder)
    } catch (error) {
      this.#forget(folder)
      if (!isGone(error)) this.listener.troubled(error)
      return false
    }
  }

  #open(folder: string): boolean {
    const watcher = watch(folder, (_event, name) => this.#happened(folder, name))
    watcher.on('error', () => this.#forget(folder))
    this.#folders.set(folder, watcher)
    const found = readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? !this.plan.skips(path) && this.#watch(path) : this.plan.concerns(path)
    })
    return found.includes(true)
  }

  #happened(folder: string, name: string | null): void {
    if (name === null) return
    const path = join(folder, name)
    if (this.plan.concerns(path)) return this.#tellOnceQuiet(path)
    if (!isFolder(path)) return this.#forget(path)
    if (!this.plan.skips(path) && this.#watch(path)) this.#tellOnceQuiet(path)
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
  }

  #tellOnceQuiet(path: string): void {
    if (this.#quiet) clearTimeout(this.#quiet)
    const file = (this.#firstChanged ??= path)
    this.#quiet = setTimeout(() => {
      this.#firstChanged = null
      this.listener.changed(file)
    }, QUIET_MS)
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // gone again, or not to be looked at
  }
}

/** Whether a folder has vanished between being seen and being watched. */
function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ENOTDIR'
}
