// The thread of `BlockWatch`: watches the main thread's beat and asks it, while it is blocked, in what.
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'

const { beats, blockWarningMs, everyMs } = workerData
/** A block that lasts so many times what is warned of is told by this thread: it may never end. */
const ENDLESS = 10

const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000
const lastBeat = () => Number(Atomics.load(beats, 0) / 1_000n) / 1_000

/** The block that is under way: since which beat, and in what. */
let block = null
let lookedAt = now()

setInterval(() => {
  const beat = lastBeat()
  // The whole process stood still (stopped, or a machine that slept): nothing of it blocked.
  const wasAsleep = now() - lookedAt > blockWarningMs / 2
  lookedAt = now()
  if (block && beat !== block.beat) {
    parentPort.postMessage({ blockedMs: Math.round(beat - block.beat), label: block.label })
    block = null
  }
  if (block) tellEndless(block)
  else if (!wasAsleep && now() - beat > blockWarningMs) {
    block = { beat, label: null, isTold: false }
    ask(block)
  }
}, everyMs)

/** Evaluated by an interrupt, inside of what blocks. A process that exits waits for sessions: there is none but for this. */
function ask(asked) {
  const session = new Session()
  session.connectToMainThread()
  const expression = `globalThis[Symbol.for('signalbox.current_work')]?.() ?? 'null'`
  session.post('Runtime.evaluate', { expression, returnByValue: true }, (error, answer) => {
    if (!error && typeof answer.result?.value === 'string') asked.label = JSON.parse(answer.result.value)
    session.disconnect()
  })
}

function tellEndless(told) {
  const blockedMs = now() - told.beat
  if (told.isTold || blockedMs < ENDLESS * blockWarningMs) return
  told.isTold = true
  const msg = 'the event loop is blocked, and still is: this process does nothing else'
  const line = { level: 'warn', time: new Date().toISOString(), msg, ...told.label, blocked_ms: Math.round(blockedMs) }
  writeSync(1, `${JSON.stringify(line)}\n`)
}
