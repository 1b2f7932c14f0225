// `npm run test:faults -- [--minutes 20] [--seed N]`: lets processes and networks fail for that long. PostgreSQL and Redis
// are taken where the tests know them (SIGNALBOX_TEST_POSTGRES, SIGNALBOX_TEST_REDIS).
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string' } },
})

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  return status ?? 1
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const minutes = Number(values.minutes)
if (!(minutes > 0)) refuse(`--minutes takes a number above 0, not ${values.minutes}.`)
for (const [name, setting] of [
  ['postgres', 'SIGNALBOX_TEST_POSTGRES'],
  ['redis', 'SIGNALBOX_TEST_REDIS'],
]) {
  if (run(process.execPath, [join('scripts', `${name}-reachable.mjs`)]) !== 0)
    refuse(`The fault tests need PostgreSQL and Redis: start it, or say where it is in ${setting}.`)
}
if (run(process.execPath, [join('scripts', 'build.mjs')]) !== 0) process.exit(1)
process.exitCode = run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/faults/cluster'], {
  SIGNALBOX_TEST_DATABASE: 'postgres',
  SIGNALBOX_TEST_REDIS: process.env.SIGNALBOX_TEST_REDIS ?? 'redis://127.0.0.1:6379',
  SIGNALBOX_TEST_FAULT_MINUTES: String(minutes),
  ...(values.seed ? { SIGNALBOX_TEST_SEED: values.seed } : {}),
})
