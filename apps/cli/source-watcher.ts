import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { WatchPlan } from './watch-plan.js'

/** Saving one change touches several files, several times, in ms. */
const QUIET_MS = 150

/**
 * Tells that watched files have changed, once they are quiet. Watches folder by folder: Node's own recursive watching
 * goes through `node_modules` first.
 */
export class SourceWatcher {
  readonly #folders = new Map<string, FSWatcher>()
  #quiet: NodeJS.Timeout | null = null

  constructor(
    private readonly plan: WatchPlan,
    private readonly onChange: () => void,
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
    if (this.plan.concerns(path)) return this.#tellOnceQuiet()
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    if (!isFolder) return this.#forget(path)
    if (!this.plan.skips(path) && this.#watch(path)) this.#tellOnceQuiet()
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
  }

  #tellOnceQuiet(): void {
    if (this.#quiet) clearTimeout(this.#quiet)
    this.#quiet = setTimeout(this.onChange, QUIET_MS)
  }
}
