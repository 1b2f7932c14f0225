import 'reflect-metadata'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataFolderLock } from './data-folder-lock.js'

const LONG_AGO = new Date(Date.now() - 60_000)

describe('the lock of a data folder', () => {
  let dir: string
  let file: string
  let held: DataFolderLock | null

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-lock-'))
    file = join(dir, 'signalbox.lock')
    held = null
  })
  afterEach(() => {
    held?.release()
    rmSync(dir, { recursive: true, force: true })
  })

  const owner = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  function leave(changed: object): void {
    const mine = { token: 'left', pid: process.pid, host: hostname(), startTicks: '1' }
    writeFileSync(file, JSON.stringify({ ...mine, ...changed }))
  }

  it('refuses a second opener with a sentence that names the folder, its holder and the way out', async () => {
    held = await DataFolderLock.acquire(dir)
    const again = DataFolderLock.acquire(dir)
    await expect(again).rejects.toThrow(
      `The data folder ${dir} is in use by another process (process ${process.pid} on ${hostname()}). ` +
        'Stop it, or give this one a folder of its own with --data-dir.',
    )
    await expect(again).rejects.toMatchObject({ code: 'start_refused' })
  })

  it('is free again after a release, however often it is released', async () => {
    held = await DataFolderLock.acquire(dir)
    held.release()
    held.release()
    expect(existsSync(file)).toBe(false)
    held = await DataFolderLock.acquire(dir)
    expect(owner()['pid']).toBe(process.pid)
  })

  it('of a process that is gone is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    leave({ pid })
    held = await DataFolderLock.acquire(dir)
    expect(owner()).toMatchObject({ pid: process.pid })
    expect(readdirSync(dir)).toEqual(['signalbox.lock'])
  })

  it.runIf(existsSync('/proc/self/stat'))('of a process whose id another one has by now is taken over', async () => {
    leave({ startTicks: '1' })
    held = await DataFolderLock.acquire(dir)
    expect(owner()['token']).not.toBe('left')
  })

  it.each([
    ['half-written', '{"token":"left","pid":12'],
    ['empty', ''],
    ['something else', 'null'],
  ])('that is %s and old is taken over', async (_, text) => {
    writeFileSync(file, text)
    utimesSync(file, LONG_AGO, LONG_AGO)
    held = await DataFolderLock.acquire(dir)
    expect(owner()).toMatchObject({ pid: process.pid, host: hostname() })
  })

  it('of another machine is taken over when its heartbeat has stopped', async () => {
    leave({ host: 'elsewhere' })
    utimesSync(file, LONG_AGO, LONG_AGO)
    held = await DataFolderLock.acquire(dir)
    expect(owner()).toMatchObject({ host: hostname() })
  })

  it('that somebody else took meanwhile is not removed by a release', async () => {
    const lost = await DataFolderLock.acquire(dir)
    leave({})
    lost.release()
    expect(owner()['token']).toBe('left')
  })

  it('is got by one of many that start together on a stale one', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    leave({ pid })
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => DataFolderLock.acquire(dir)))
    const got = tries.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
    expect(got).toHaveLength(1)
    held = got[0] ?? null
  })
})
