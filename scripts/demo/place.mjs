import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { say } from './terminal.mjs'

const HOST = '127.0.0.1'

/** The root of the checkout. */
export const ROOT = resolve(import.meta.dirname, '../..')

/**
 * Where the demo's server works.
 * @typedef {object} Place
 * @property {string} host
 * @property {number} port
 * @property {string} dataDir
 * @property {() => void} leave removes the data folder where it is a temporary one
 */

/**
 * The wanted port with the data folder `.signalbox/demo`; where the port is taken, perhaps by another demo, a free one
 * with a temporary folder, since two processes cannot share a data folder.
 * @param {number} wanted 0 for a free port
 * @returns {Promise<Place>}
 */
export async function choosePlace(wanted) {
  if (wanted !== 0 && (await canListen(wanted)))
    return { host: HOST, port: wanted, dataDir: join(ROOT, '.signalbox', 'demo'), leave: () => {} }
  if (wanted !== 0) say(`Port ${wanted} is taken: a free one is used instead.`)
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-demo-'))
  return { host: HOST, port: 0, dataDir, leave: () => rmSync(dataDir, { recursive: true, force: true }) }
}

/** @param {number} port */
async function canListen(port) {
  const probe = createServer()
  try {
    probe.listen({ host: HOST, port })
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}
