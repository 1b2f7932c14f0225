// Fills the tables of docs/compatibility.md from test/clients; with --check it only tells whether they are up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { tsImport } from 'tsx/esm/api'

const page = resolve(import.meta.dirname, '../docs/compatibility.md')
const { withTables } = await tsImport('../test/clients/compatibility-page.ts', import.meta.url)
const committed = readFileSync(page, 'utf8')
const options = await resolveConfig(page)
const generated = await format(withTables(committed), { ...options, filepath: page })

if (!process.argv.includes('--check')) writeFileSync(page, generated)
else if (generated !== committed) {
  console.error('docs/compatibility.md is out of date: node scripts/compatibility.mjs')
  process.exitCode = 1
}
