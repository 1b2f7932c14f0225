import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives the whole test run one temporary folder, so that nothing stays behind whichever spec made it. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-tests-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
