import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runCommand } from '../support/command.js'
import { PROJECT } from '../support/server-process.js'

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-early-stop-'))
const preload = resolve(import.meta.dirname, '../fixtures/signals/early-stop.mjs')

afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

// For the first process of a container a SIGTERM that nobody hears is nothing: it would run until it is killed.
it('hears a SIGTERM that comes while the server is loaded, and ends in order', { timeout: 60_000 }, async () => {
  const args = ['start', '--config', PROJECT, '--port', '0', '--data-dir', dataDir]
  const { code, stderr } = await runCommand(args, { NODE_OPTIONS: `--import ${preload}` })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
