// All that is measured, in one run (`npm run bench -- --help`); the page is written by report/page.mjs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { USAGE, readOptions } from './options.mjs'
import { writePage } from './report/page.mjs'
import { Section } from './section.mjs'
import { SECTIONS } from './sections/index.mjs'
import { cleanUp, cleanUpOnSignals, isEnding } from './support/cleanup.mjs'
import { closeClient } from './support/client.mjs'
import { describeMachine } from './support/machine.mjs'
import { startReceiver } from './support/processes.mjs'
import { layOut } from './support/workbench.mjs'

const RESULTS = join(import.meta.dirname, 'results')
const PAGE = join(import.meta.dirname, '../docs/performance.md')

/** Measures what was asked for, and writes it down after each section. */
async function bench(options) {
  const chosen = chooseSections(options)
  cleanUpOnSignals()
  const results = { at: new Date().toISOString(), quick: options.quick, scale: options.scale, sections: [] }
  try {
    results.machine = await describeMachine()
    const bench = { workbench: layOut(), receiver: await startReceiver(), scale: options.scale }
    for (const plan of chosen) {
      console.log(`${plan.title} …`)
      results.sections.push(await new Section(plan, bench).run())
      // Stopped: what is left of a section is no result, and the page stays as it was.
      if (isEnding()) return
      keep(results)
    }
  } finally {
    await cleanUp()
    await closeClient()
  }
  results.minutes = Math.round((Date.now() - Date.parse(results.at)) / 60_000)
  const page = pageOf(options)
  await writePage(keep(results), page)
  console.log(`written: ${page}`)
}

/** @throws Error when a section is asked for that there is not */
function chooseSections({ only, except }) {
  const known = SECTIONS.map(({ id }) => id)
  const stray = [...only, ...except].filter((id) => !known.includes(id))
  if (stray.length > 0) throw new Error(`no section ${stray.join(', ')}: there are ${known.join(', ')}`)
  return SECTIONS.filter(({ id }) => (only.length === 0 || only.includes(id)) && !except.includes(id))
}

/** Only a whole run goes to the page; what was tried or measured in part stays out of the repository. */
function pageOf({ output, quick, only, except }) {
  if (output) return output
  if (quick) return join(RESULTS, 'quick.md')
  return only.length + except.length > 0 ? join(RESULTS, 'part.md') : PAGE
}

/** @returns {string} the file that holds the results */
function keep(results) {
  mkdirSync(RESULTS, { recursive: true })
  const name = `${results.quick ? 'quick-' : ''}${results.at.replaceAll(/[:.]/g, '-')}.json`
  const file = join(RESULTS, name)
  writeFileSync(file, JSON.stringify(results, null, 2))
  return file
}

const options = readOptions(process.argv.slice(2))
if (options.help) console.log(USAGE)
else if (options.list) for (const { id, title } of SECTIONS) console.log(`${id.padEnd(12)} ${title}`)
else await bench(options)
