// Loaded into a server (`--import`): SIGUSR2 starts its CPU profile, the next writes it where BENCH_PROFILE says.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

const session = new Session()
let isRunning = false

/** Starts, or stops and writes. */
async function toggle() {
  if (isRunning) {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(process.env.BENCH_PROFILE, JSON.stringify(profile))
  } else {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 500 })
    await session.post('Profiler.start')
  }
  isRunning = !isRunning
}

process.on('SIGUSR2', () => void toggle())
